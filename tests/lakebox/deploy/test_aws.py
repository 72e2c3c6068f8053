"""LAKEBOX_TARGET=aws against moto's CloudFormation and S3: changes are shown and asked about, then made."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner, Result
from moto import mock_aws

from lakebox.cli import main

TEMPLATE = """
Parameters:
  Stage: {Type: String, Default: dev}
Resources:
  Data: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "data-${Stage}"}}
Outputs:
  Bucket: {Value: !Ref Data}
"""
JOB = """
  Etl:
    Type: AWS::Glue::Job
    Properties: {Role: r, Command: {Name: glueetl, ScriptLocation: etl.py}}
"""
BUCKET = "aws-glue-lakebox-123456789012-eu-west-1"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in {
        "LAKEBOX_TARGET": "aws",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "shop.yaml"
    path.write_text(TEMPLATE)
    return path


def deploy(template: Path, *flags: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(main, ["deploy", str(template), *flags], input=answer)


def stacks() -> list[Any]:
    return [
        stack
        for stack in boto3.client("cloudformation").describe_stacks()["Stacks"]
        if stack["StackStatus"] != "DELETE_COMPLETE"
    ]


def buckets() -> list[str]:
    return sorted(bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"])


def test_changes_are_shown_and_made(aws: None, template: Path) -> None:
    done = deploy(template, "--parameter", "Stage=prod", answer="y\n")
    assert done.output.splitlines() == [
        "stack shop in account 123456789012, eu-west-1",
        "  Add     AWS::S3::Bucket               Data",
        "apply these changes? [y/N]: y",
    ]
    assert (done.exit_code, buckets()) == (0, [BUCKET, "data-prod"])


def test_a_no_changes_nothing(aws: None, template: Path) -> None:
    done = deploy(template, answer="n\n")
    assert (done.exit_code, done.output.splitlines()[-1]) == (1, "lakebox: nothing was changed")
    assert (stacks(), buckets()) == ([], [BUCKET])


def test_a_second_deployment_keeps_parameters(aws: None, template: Path) -> None:
    deploy(template, "--yes", "--parameter", "Stage=prod")
    template.write_text(TEMPLATE + "  Stage: {Value: !Ref Stage}\n")
    assert deploy(template, "--yes").exit_code == 0
    assert {parameter["ParameterValue"] for parameter in stacks()[0]["Parameters"]} == {"prod"}


def test_local_files_are_uploaded(aws: None, template: Path) -> None:
    (template.parent / "etl.py").write_text("print('hello')")
    template.write_text(TEMPLATE.replace("Outputs:", JOB.lstrip("\n") + "Outputs:"))
    with pytest.warns(UserWarning, match="AWS::Glue::Job"):
        assert deploy(template, "--yes").exit_code == 0
    body = boto3.client("cloudformation").get_template(StackName="shop")["TemplateBody"]
    document = json.loads(body) if isinstance(body, str) else body
    bucket, key = document["Resources"]["Etl"]["Properties"]["Command"]["ScriptLocation"][5:].split("/", 1)
    assert bucket == BUCKET
    assert boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read() == b"print('hello')"


def test_a_stack_is_deleted_when_asked_to(aws: None, template: Path) -> None:
    deploy(template, "--yes")
    assert deploy(template, "--delete", answer="n\n").exit_code == 1
    assert len(stacks()) == 1
    done = deploy(template, "--delete", answer="y\n")
    assert (done.exit_code, stacks(), buckets()) == (0, [], [BUCKET])
    assert deploy(template, "--delete", "--yes").exit_code == 1


def test_a_cdk_app_is_cdks_to_deploy(aws: None, tmp_path: Path) -> None:
    path = tmp_path / "app.template.json"
    path.write_text('{"Resources": {}}')
    done = deploy(path, "--yes")
    assert (done.exit_code, "are deployed to AWS by `cdk deploy`" in done.output) == (1, True)
