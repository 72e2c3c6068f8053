"""A sandbox for crawlers: files in, tables out as short text."""

import gzip
import io
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as pq

from lakebox.api.serve import Serving

PATIENCE_S = 300
Rows = Sequence[Mapping[str, Any]]


@dataclass
class CrawlSandbox:
    """Buckets as folders, a boto3 client of Glue, and the endpoint behind it."""

    root: Path
    glue: Any
    endpoint: Serving

    def put(self, bucket: str, files: Mapping[str, bytes | str]) -> None:
        """Put objects into a bucket; it is made where it is not there."""
        (self.root / bucket).mkdir(exist_ok=True)
        for key, content in files.items():
            path = self.root / bucket / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def define(self, name: str, *paths: str, **more: Any) -> None:
        """Define a crawler of S3 paths, into a database of its own name."""
        given = {"Role": "role", "DatabaseName": name, "Targets": {"S3Targets": [{"Path": path} for path in paths]}}
        self.glue.create_crawler(Name=name, **{**given, **more})

    def run(self, name: str) -> dict[str, Any]:
        """Crawl, from start to end; LastCrawl."""
        self.glue.start_crawler(Name=name)
        return self.wait(name)

    def wait(self, name: str) -> dict[str, Any]:
        """LastCrawl, when the crawler is ready."""
        pause = threading.Event()
        for _ in range(PATIENCE_S * 50):
            crawler = self.glue.get_crawler(Name=name)["Crawler"]
            if crawler["State"] == "READY":
                last: dict[str, Any] = crawler["LastCrawl"]
                return last
            pause.wait(0.02)
        raise AssertionError(f"crawler {name} is {crawler['State']} after {PATIENCE_S} s")

    def tables(self, database: str) -> list[dict[str, Any]]:
        """The tables of a database."""
        pages = self.glue.get_paginator("get_tables").paginate(DatabaseName=database)
        return [table for page in pages for table in page["TableList"]]

    def partitions(self, database: str, table: str) -> list[dict[str, Any]]:
        """The partitions of a table, by their values."""
        pages = self.glue.get_paginator("get_partitions").paginate(DatabaseName=database, TableName=table)
        found = [partition for page in pages for partition in page["Partitions"]]
        return sorted(found, key=lambda partition: partition["Values"])

    def described(self, database: str) -> list[str]:
        """Tables as `name(column type, …) format [key: value, value]`, several keys and values with a slash."""
        texts = []
        for table in self.tables(database):
            descriptor = table["StorageDescriptor"]
            columns = ", ".join(f"{column['Name']} {column['Type']}" for column in descriptor["Columns"])
            keys = "/".join(key["Name"] for key in table["PartitionKeys"])
            values = ", ".join("/".join(one["Values"]) for one in self.partitions(database, table["Name"]))
            format_name = table["Parameters"].get("classification", table["Parameters"].get("table_type"))
            texts.append(f"{table['Name']}({columns}) {format_name}" + (f" [{keys}: {values}]" if keys else ""))
        return texts


def glue_client(endpoint: Serving) -> Any:
    """A client of an endpoint."""
    return boto3.client(
        "glue",
        endpoint_url=endpoint.url,
        region_name="us-east-1",
        aws_access_key_id=endpoint.keys.access_key,
        aws_secret_access_key=endpoint.keys.secret_key,
    )


def parquet(rows: Rows, schema: pa.Schema | None = None) -> bytes:
    """Rows as a Parquet file."""
    content = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), content)
    return content.getvalue()


def orc_file(rows: Rows) -> bytes:
    """Rows as an ORC file."""
    content = io.BytesIO()
    orc.write_table(pa.Table.from_pylist(list(rows)), content)
    return content.getvalue()


def json_lines(rows: Rows) -> str:
    """Rows as JSON Lines."""
    return "".join(json.dumps(row) + "\n" for row in rows)


def zipped(text: str) -> bytes:
    """Text in gzip."""
    return gzip.compress(text.encode(), mtime=0)
