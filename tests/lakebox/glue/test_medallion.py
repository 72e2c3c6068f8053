"""Our own template on the embedded target: deployed and run through Glue's API, it gives what the jobs give."""

from pathlib import Path

import boto3
import pytest
from commands import lakebox
from flows import Flows, states
from job_sandbox import JobSandbox
from lakes import TestLake, engine_over
from pyspark.sql import SparkSession
from sql_lake import catalog_of

from lakebox.api.serve import serving
from lakebox.athena.duckdb_engine import DuckDbEngine

pytestmark = pytest.mark.spark
SAMPLE_DATA = Path(__file__).parents[3] / "sample_data"
ROWS = (
    "SELECT pk, event_type, event_date, updated_at, feature_hash FROM silver_user_events ORDER BY pk",
    "SELECT user_id, click_count, last_event_timestamp FROM gold_user_features ORDER BY user_id",
    "SELECT raw, reason FROM bronze_quarantine ORDER BY raw, reason",
    "SELECT count(*) FROM bronze_user_events_parquet",
)


def test_the_workflow_gives_the_rows_of_the_jobs(tmp_path: Path, spark: SparkSession) -> None:
    lake = tmp_path / "lake"
    deployed = lakebox("deploy", "--lake", str(lake))
    assert (deployed.returncode, "failed" in deployed.stdout) == (0, False)
    with serving(str(lake)) as endpoint:
        names = {"aws_access_key_id": endpoint.keys.access_key, "aws_secret_access_key": endpoint.keys.secret_key}
        glue, s3 = (
            boto3.client(service, endpoint_url=endpoint.url, region_name="us-east-1", **names)  # type: ignore[call-overload]
            for service in ("glue", "s3")
        )
        s3.create_bucket(Bucket="ai-lakehouse-raw")
        for file in SAMPLE_DATA.rglob("*"):
            if file.is_file():
                s3.upload_file(str(file), "ai-lakehouse-raw", file.relative_to(SAMPLE_DATA).as_posix())
        for name in ("silver_etl_cdc", "gold_etl_features"):
            job = glue.get_job(JobName=name)["Job"]
            assert job["Command"]["ScriptLocation"].startswith("s3://")
        run = Flows(JobSandbox(lake, glue, endpoint.runs, endpoint.documents)).run("medallion")
    assert (run["Status"], run["Statistics"]["SucceededActions"]) == ("COMPLETED", 9)
    assert set(map(tuple, states(run).values())) == {("SUCCEEDED",)}
    shown = lakebox("runs", "--lake", str(lake)).stdout
    assert all(words in shown for words in ("medallion", "COMPLETED", "9 of 9", "gold_etl_features"))
    ours = TestLake(tmp_path / "ours", spark)
    ours.run(raw=SAMPLE_DATA)
    engines = DuckDbEngine(catalog_of(lake), str(lake)), engine_over(ours.lake)
    for query in ROWS:
        answers = [engine.query(query).rows for engine in engines]
        assert answers[0] == answers[1] != []
