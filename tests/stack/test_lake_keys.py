"""Users' jobs read the lake and never write it, whatever they claim to be; the lake's own jobs alone have its keys."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from stack.api_target import BUCKET, Target, stack_target
from stack.running_stack import LAKE, REPOSITORY, Stack

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(1800)]

REACHES = f"""
import json, os, boto3
from botocore.exceptions import ClientError, NoCredentialsError

def reached(s3):
    try:
        s3.put_object(Bucket="{LAKE}", Key="silver/reached", Body=b"")
    except ClientError as error:
        return error.response["Error"]["Code"]
    except NoCredentialsError:
        return "no keys"
    return "written"

def secrets():
    return sorted(os.listdir("/run/lakebox"))

def facts():
    s3 = boto3.client("s3")
    readable = s3.list_objects_v2(Bucket="{LAKE}", MaxKeys=1)["ResponseMetadata"]["HTTPStatusCode"] == 200
    keys = {{name: os.environ.pop(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}}
    by_file = reached(boto3.Session().client("s3"))
    os.environ.update(keys)
    return [readable, reached(s3), by_file, secrets()]

def say(found):
    boto3.client("s3").put_object(Bucket="{BUCKET}", Key="said.json", Body=json.dumps(found).encode())
"""
SPARK = (
    REACHES
    + f"""
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
try:
    spark.range(3).write.parquet("s3://{LAKE}/silver/reached")
    said = "written"
except Exception as error:
    said = "AccessDenied" if "AccessDenied" in str(error) or "Access Denied" in str(error) else str(error)
say([said, spark.sparkContext.parallelize([1], 1).map(lambda _: (reached(boto3.client("s3")), secrets())).collect()])
"""
)
DENIED = [True, "AccessDenied", "no keys", ["driver", "user"]]  # no file that boto3 looks for has keys


@pytest.fixture(scope="module")
def target(stack: Stack) -> Iterator[Target]:
    """The API with lakebox's own jobs deployed, and nothing written below silver/reached."""
    found = stack_target(stack)
    found.start_over()
    stack.lakebox("deploy")
    yield found
    assert stack.s3("jobs").list_objects_v2(Bucket=LAKE, Prefix="silver/reached")["KeyCount"] == 0


def ours(target: Target) -> dict[str, Any]:
    """Our own first job's definition."""
    job: dict[str, Any] = target.glue.get_job(JobName="bronze-etl-incremental")["Job"]
    return {name: job[name] for name in ("Role", "Command", "DefaultArguments")}


def said(target: Target, name: str, **arguments: str) -> Any:
    """What a job's run has found out."""
    target.s3.delete_object(Bucket=BUCKET, Key="said.json")
    run = target.wait(name, target.start(name, **arguments))
    assert "said.json" in target.keys("said.json"), run
    return json.loads(target.s3.get_object(Bucket=BUCKET, Key="said.json")["Body"].read())


def test_a_job_reads_the_lake_and_cannot_write_it(target: Target) -> None:
    target.define("plain", REACHES + "say(facts())", "pythonshell")
    assert said(target, "plain") == DENIED


def test_a_job_that_claims_to_be_ours_gets_nothing(target: Target) -> None:
    target.put("scripts/raw_to_bronze.py", REACHES + "say(facts())")
    command = {"Name": "glueetl", "ScriptLocation": f"s3://{BUCKET}/scripts/raw_to_bronze.py"}
    target.glue.create_job(Name="claims", **ours(target) | {"Command": command})
    assert said(target, "claims") == DENIED


def test_our_script_with_a_strangers_module_gets_nothing(target: Target) -> None:
    packages = ours(target)["DefaultArguments"]["--extra-py-files"].split(",")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        for path in (REPOSITORY / "jobs").rglob("*.py"):
            if path.name != "arguments.py":
                written.writestr(path.relative_to(REPOSITORY).as_posix(), path.read_text())
        written.writestr("jobs/arguments.py", REACHES + "say(facts())\nraise SystemExit")
    target.s3.put_object(Bucket=BUCKET, Key="other/jobs.zip", Body=archive.getvalue())
    files = [uri for uri in packages if not uri.endswith("/jobs.zip")] + [f"s3://{BUCKET}/other/jobs.zip"]
    arguments = ours(target)["DefaultArguments"] | {"--extra-py-files": ",".join(files)}
    target.glue.create_job(Name="module", **ours(target) | {"DefaultArguments": arguments})
    assert said(target, "module") == DENIED


def test_a_spark_job_cannot_write_the_lake_either(target: Target) -> None:
    target.define("spark", SPARK)
    assert said(target, "spark") == ["AccessDenied", [["AccessDenied", ["user"]]]]
