"""Raw files on S3 with the embedded target: they are read as those of a folder are."""

from pathlib import Path

import boto3
import pytest
from commands import lakebox

pytestmark = pytest.mark.spark

SAMPLE = Path(__file__).parents[3] / "sample_data"


def test_raw_files_in_a_bucket_are_read(s3_uri: str, tmp_path: Path) -> None:
    bucket = s3_uri.split("/")[2]
    for path in [*SAMPLE.rglob("*.json*"), SAMPLE / "README.md"]:
        boto3.client("s3").upload_file(str(path), bucket, f"raw/{path.relative_to(SAMPLE)}")
    arguments = ("run", "--raw", f"s3://{bucket}/raw", "--lake", "lake", "--training_date", "2025-06-18")
    done = lakebox(*arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "139 items of 6 files: 133 to Bronze, 6 to quarantine; 1 file has another ending" in done.stderr
    query = "SELECT count(*), min(event_date) FROM silver_user_events"
    answer = lakebox("sql", query, "--format", "csv", cwd=tmp_path)
    assert answer.stdout.splitlines()[1:] == ["114,2025-06-16"], answer.stderr
    again = lakebox(*arguments, cwd=tmp_path)
    assert "Nothing new" in again.stdout, again.stderr


def test_an_endpoint_that_is_down_is_one_line(s3_uri: str, tmp_path: Path) -> None:
    raw, down = s3_uri.replace("/lake", "/raw"), {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
    done = lakebox("run", "--raw", raw, "--lake", "lake", cwd=tmp_path, **down)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "AWS_ENDPOINT_URL_S3" in done.stderr


@pytest.mark.parametrize("verb", [("run",), ("sql", "SELECT 1"), ("crawl",), ("dq",), ("status",), ("demo",)])
def test_an_embedded_lake_on_s3_is_refused(verb: tuple[str, ...], tmp_path: Path) -> None:
    done = lakebox(*verb, "--lake", "s3://bucket/lake", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "name one with --lake, or use the stack's S3 (LAKEBOX_TARGET=compose)" in done.stderr
