"""The test kit, used as a team would use it on its own job."""

from pathlib import Path

import pytest

from lakebox.testing import JobFailed, Sandbox, open_sandbox

SCRIPT = """
import sys
from awsglue.context import GlueContext
from awsglue.transforms import Filter
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["least"])
glue = GlueContext(SparkContext.getOrCreate())
people = glue.create_dynamic_frame.from_options("s3", {"paths": ["s3://in/"]}, "csv", {"withHeader": True})
adults = Filter.apply(frame=people, f=lambda person: int(person["age"]) >= int(args["least"]))
glue.write_dynamic_frame.from_options(adults, "s3", {"path": "s3://out/adults/", "partitionKeys": ["city"]}, "parquet")
print(adults.count(), "adults")
"""


@pytest.fixture
def job(tmp_path: Path) -> Path:
    script = tmp_path / "adults.py"
    script.write_text(SCRIPT.replace("s3://in/", "s3://input/").replace("s3://out/", "s3://output/"))
    return script


@pytest.mark.spark
def test_a_teams_job_gives_the_right_rows(tmp_path: Path, job: Path) -> None:
    with open_sandbox(tmp_path / "lake") as sandbox:
        sandbox.put("s3://input/people.csv", "name,age,city\nAnn,41,Oslo\nBob,17,Rome\n")
        sandbox.make_bucket("output")
        assert sandbox.run_job(job, {"least": "18"}).output == "1 adults\n"
        assert sandbox.rows("s3://output/adults/") == [{"name": "Ann", "age": "41", "city": "Oslo"}]


def test_a_failed_job_shows_its_error(tmp_path: Path) -> None:
    script = tmp_path / "bad.py"
    script.write_text("print('before')\nraise ValueError('no rows')\n")
    with (
        open_sandbox(tmp_path / "lake") as sandbox,
        pytest.raises(JobFailed, match=r"ValueError: no rows\nbefore"),
    ):
        sandbox.run_job(script, spark=False)


def test_clients_talk_to_the_sandbox(tmp_path: Path) -> None:
    with open_sandbox(tmp_path / "lake") as sandbox:
        s3 = sandbox.client("s3")
        s3.create_bucket(Bucket="data")
        s3.put_object(Bucket="data", Key="rows/x.json", Body=b'{"a": 1}\n{"a": 2}\n')
        assert sandbox.rows("s3://data/rows") == [{"a": 1}, {"a": 2}]
        assert sandbox.rows("s3://data/none") == []
        assert sandbox.client("sts").get_caller_identity()["Account"] == "000000000000"


def test_the_fixture_is_a_pytest_plugin(pytester: pytest.Pytester) -> None:
    pytester.makeconftest('pytest_plugins = ["lakebox.testing"]\n')
    pytester.makepyfile(
        """
        def test_empty(sandbox):
            assert sandbox.client("s3").list_buckets()["Buckets"] == []
        """
    )
    assert isinstance(Sandbox, type)
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
