"""The test kit on the stack: a team's tests run there by LAKEBOX_TARGET alone, and leave nothing behind."""

import subprocess
import sys
from pathlib import Path

import pytest
from stack.api_target import stack_target
from stack.running_stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]
JOB = """
import sys
from awsglue.context import GlueContext
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["out"])
glue = GlueContext(SparkContext.getOrCreate())
people = glue.create_dynamic_frame.from_options("s3", {"paths": ["s3://kit-in/"]}, "csv", {"withHeader": True})
sink = glue.getSink("s3", path=args["out"], enableUpdateCatalog=True, partitionKeys=["city"])
sink.setFormat("glueparquet")
sink.setCatalogInfo(catalogDatabase="kit-db", catalogTableName="people")
sink.writeFrame(people)
print(people.count(), "people")
"""
TEAMS_TEST = """
import pytest
from lakebox.testing import JobFailed

pytest_plugins = ["lakebox.testing"]


def test_people(sandbox):
    sandbox.client("glue").create_database(DatabaseInput={"Name": "kit-db"})
    sandbox.put("s3://kit-in/people.csv", "name,city\\nAnn,Oslo\\nBob,Rome\\n")
    sandbox.make_bucket("kit-out")
    assert sandbox.run_job("people.py", {"out": "s3://kit-out/people/"}).output.endswith("2 people\\n")
    rows = sorted(sandbox.table("kit-db", "people"), key=str)
    assert rows == [{"name": "Ann", "city": "Oslo"}, {"name": "Bob", "city": "Rome"}]


def test_the_next_one_is_empty(sandbox):
    assert "kit-in" not in [bucket["Name"] for bucket in sandbox.client("s3").list_buckets()["Buckets"]]
    with pytest.raises(JobFailed, match="ValueError: no rows"):
        sandbox.run_job("bad.py", spark=False)
"""


def test_a_teams_tests_run_on_the_stack(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "people.py").write_text(JOB)
    (tmp_path / "bad.py").write_text("raise ValueError('no rows')\n")
    (tmp_path / "test_people.py").write_text(TEAMS_TEST)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env=stack.lakebox_environment(),
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr
    left = stack_target(stack)
    assert "kit-db" not in [found["Name"] for found in left.glue.get_databases()["DatabaseList"]]
    assert not {"kit-in", "kit-out"} & {bucket["Name"] for bucket in left.s3.list_buckets()["Buckets"]}
