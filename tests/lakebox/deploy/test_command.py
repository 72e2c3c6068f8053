"""The command `lakebox deploy` as a user sees it: lines, outputs, exit status, one line on errors."""

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from click.testing import CliRunner, Result

from lakebox.cli import main
from lakebox.deploy import command
from lakebox.deploy.command import DeployError

TEMPLATE = """
Parameters:
  Stage: {Type: String}
Resources:
  Data: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "shop-${Stage}"}}
  Alarm: {Type: AWS::SNS::Topic}
Outputs:
  Bucket: {Value: !Ref Data}
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "shop.yaml"
    path.write_text(TEMPLATE)
    return path


def deploy(path: Path, *flags: str) -> Result:
    return CliRunner().invoke(main, ["deploy", str(path), "--lake", str(path.parent / "lake"), *flags])


def test_each_resource_gets_a_line(template: Path) -> None:
    done = deploy(template, "--parameter", "Stage=dev")
    assert (done.exit_code, done.output.splitlines()) == (
        0,
        [
            "stack shop",
            "  made       AWS::S3::Bucket               Data (shop-dev)",
            "  left out   AWS::SNS::Topic               Alarm: lakebox does not make AWS::SNS::Topic",
            "  1 made, 1 left out",
            "  output Bucket = shop-dev",
        ],
    )
    done = deploy(template, "--delete")
    assert done.output.splitlines() == [
        "stack shop",
        "  removed    AWS::S3::Bucket               Data (shop-dev)",
        "  1 removed",
    ]


def test_a_failed_resource_ends_with_1(template: Path) -> None:
    template.write_text(TEMPLATE.replace("shop-${Stage}", "Shop-${Stage}"))
    done = deploy(template, "--parameter", "Stage=dev")
    assert (done.exit_code, done.stderr) == (
        1,
        "lakebox: Data (line 5): InvalidBucketName: The specified bucket is not valid: 'Shop-dev'; "
        "the rest is there: mend that, deploy again\n",
    )


@pytest.mark.parametrize(
    ("flags", "status", "said"),
    [
        ((), 1, "the template needs values: --parameter Stage=…"),
        (("--parameter", "Stage"), 2, "'Stage' is not NAME=VALUE"),
        (("--parameter", "Staeg=x"), 1, "--parameter Staeg: the template has no such parameter; it has Stage"),
        (("--stack-name", "no good", "--parameter", "Stage=x"), 1, "'no good' is no stack's name"),
        (("--delete",), 1, "there is no stack shop here; name another one: --stack-name"),
    ],
)
def test_wrong_usage_is_one_line(template: Path, flags: tuple[str, ...], status: int, said: str) -> None:
    done = deploy(template, *flags)
    assert (done.exit_code, said in done.stderr) == (status, True)
    assert not (template.parent / "lake" / "shop-x").exists()


def test_two_stacks_of_one_template_are_apart(template: Path) -> None:
    for stage in ("dev", "prod"):
        assert deploy(template, "--parameter", f"Stage={stage}", "--stack-name", stage).exit_code == 0
    assert deploy(template, "--delete", "--stack-name", "dev").exit_code == 0
    names = {path.name for path in (template.parent / "lake").iterdir() if path.is_dir()}
    assert names == {".lakebox", "lakebox-stacks", "shop-prod"}


def test_a_target_that_does_not_answer_is_one_line(template: Path) -> None:
    def client(service: str) -> Any:
        keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
        return boto3.client(
            service,
            endpoint_url="http://127.0.0.1:9",  # nobody listens
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": 1}),
            **keys,
        )

    with pytest.raises(DeployError, match="`lakebox status` tells whether the target is well"):
        command.deploy(client, command.stacks_in(template, None), {"Stage": "dev"})


def test_other_verbs_refuse_aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEBOX_TARGET", "aws")
    done = CliRunner().invoke(main, ["queries"])
    text = "lakebox: LAKEBOX_TARGET=aws is for `lakebox deploy`, `run`, `crawl` and `sql`; "
    text += "this verb works on embedded and compose\n"
    assert (done.exit_code, done.stderr) == (2, text)
