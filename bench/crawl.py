"""Measure a crawl: python bench/crawl.py [--files 100] [--partitions 40].

StartCrawler over Parquet files, until the crawler is READY, the first crawl of a new endpoint; beside it a bare PySpark
process that counts ten rows. They take turns, so that a noisy machine is as noisy for both.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import boto3
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lakebox.api.serve import serving

BARE_SPARK = (
    "from pyspark.sql import SparkSession as S; print(S.builder.master('local[*]').getOrCreate().range(10).count())"
)
ROUNDS = 3


def crawl_s(root: Path) -> float:
    """Seconds from StartCrawler to READY, in an endpoint of its own process."""
    with serving(str(root)) as endpoint:
        keys = {"aws_access_key_id": endpoint.keys.access_key, "aws_secret_access_key": endpoint.keys.secret_key}
        glue = boto3.client("glue", endpoint_url=endpoint.url, region_name="us-east-1", **keys)
        glue.create_crawler(Name="c", Role="r", DatabaseName="d", Targets={"S3Targets": [{"Path": "bucket/t"}]})
        start = time.monotonic()
        glue.start_crawler(Name="c")
        while glue.get_crawler(Name="c")["Crawler"]["State"] != "READY":
            time.sleep(0.01)
        duration_s = time.monotonic() - start
        assert glue.get_crawler(Name="c")["Crawler"]["LastCrawl"]["Status"] == "SUCCEEDED"
        return duration_s


def spark_s() -> float:
    """Seconds of a bare PySpark process."""
    start = time.monotonic()
    subprocess.run([sys.executable, "-c", BARE_SPARK], check=True, capture_output=True)
    return time.monotonic() - start


def main() -> None:
    """Print the medians and their ratio."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--partitions", type=int, default=40)
    arguments = parser.parse_args()
    rows = pa.table({"id": range(1000), "name": ["x" * 20] * 1000})
    crawls, sparks = [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            for number in range(arguments.files):
                path = Path(folder, "bucket", "t", f"day={number % arguments.partitions}", f"{number}.parquet")
                path.parent.mkdir(parents=True, exist_ok=True)
                pq.write_table(rows, path)
            crawls.append(crawl_s(Path(folder)))
        sparks.append(spark_s())
    crawl, spark = statistics.median(crawls), statistics.median(sparks)
    print(f"crawl of {arguments.files} files in {arguments.partitions} partitions: {crawl:.2f} s")
    print(f"bare PySpark: {spark:.2f} s; the crawl takes {crawl / spark:.2f} of it")


if __name__ == "__main__":
    main()
