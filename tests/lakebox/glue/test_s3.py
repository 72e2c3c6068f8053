"""Raw files and lake on S3, with the embedded Spark: what a bucket holds works as a folder does."""

from pathlib import Path

import boto3
import pytest
from commands import lakebox

pytestmark = [pytest.mark.spark, pytest.mark.slow]

SAMPLE = Path(__file__).parents[3] / "sample_data"


def test_the_flow_runs_from_a_bucket_into_a_bucket(s3_uri: str, tmp_path: Path) -> None:
    bucket = s3_uri.split("/")[2]
    for path in SAMPLE.rglob("*.json*"):
        boto3.client("s3").upload_file(str(path), bucket, f"raw/{path.relative_to(SAMPLE)}")
    arguments = ("run", "--raw", f"s3://{bucket}/raw", "--lake", s3_uri, "--training_date", "2025-06-18")
    done = lakebox(*arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    query = "SELECT count(*), min(event_date) FROM silver_user_events"
    answer = lakebox("sql", query, "--lake", s3_uri, "--format", "csv", cwd=tmp_path)
    assert answer.stdout.splitlines()[1:] == ["114,2025-06-16"], answer.stderr
    again = lakebox(*arguments, cwd=tmp_path)
    assert "Nothing new" in again.stdout, again.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_endpoint_that_is_down_is_a_clear_failure(s3_uri: str, tmp_path: Path) -> None:
    done = lakebox("run", "--lake", s3_uri, AWS_ENDPOINT_URL_S3="http://127.0.0.1:9", AWS_MAX_ATTEMPTS="1")
    assert done.returncode == 1
    assert "AWS_ENDPOINT_URL_S3" in done.stderr
    assert "Traceback" not in done.stderr
