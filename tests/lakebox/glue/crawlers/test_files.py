"""Files of strangers: cut off, mixed up, huge, odd; a crawl reads footers and beginnings, and never breaks."""

import bz2
import contextlib
import gzip
import io
import json
import random
from pathlib import Path

import pyarrow as pa
import pytest
from crawl_sandbox import CrawlSandbox, json_lines, orc_file, parquet, zipped
from hypothesis import given
from hypothesis import strategies as st

from jobs.lake.store import StoredObject
from lakebox.glue.crawlers.formats.detect import schema_of
from lakebox.glue.crawlers.formats.schema import FileSchema, UnreadableError
from lakebox.glue.crawlers.formats.types import merged, parsed, text_of

ROWS = [{"id": 1, "name": "x"}]
AVRO = {
    "type": "record",
    "name": "Event",
    "fields": [
        {"name": "Id", "type": "long"},
        {"name": "at", "type": ["null", {"type": "long", "logicalType": "timestamp-micros"}]},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A"]}},
        {"name": "kinds", "type": {"type": "array", "items": "Kind"}},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "more", "type": {"type": "map", "values": "int"}},
    ],
}


class OneObject:
    """A store with one object, which counts the bytes that are read."""

    def __init__(self, content: bytes) -> None:
        self.content, self.read_bytes = content, 0

    def uri(self, key: str) -> str:
        return f"s3://bucket/{key}"

    def open(self, key: str, start: int = 0) -> io.BytesIO:
        store = self

        class Counted(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                found = super().read(size)
                store.read_bytes += len(found)
                return found

        return Counted(self.content[start:])


def schema(content: bytes, key: str = "x") -> FileSchema:
    return schema_of(OneObject(content), StoredObject(key, len(content), "v"))


def columns(content: bytes) -> str:
    return ", ".join(f"{name} {text_of(kind)}" for name, kind in schema(content).columns)


def number(value: int) -> bytes:
    """Avro's long."""
    value, content = value * 2, b""
    while value > 0x7F:
        content, value = content + bytes([value & 0x7F | 0x80]), value >> 7
    return content + bytes([value])


def avro(records: int = 3) -> bytes:
    text = json.dumps(AVRO).encode()
    header = number(1) + number(11) + b"avro.schema" + number(len(text)) + text + number(0)
    block = b"x" * 10 * records
    return b"Obj\x01" + header + b"s" * 16 + number(records) + number(len(block)) + block + b"s" * 16


def test_avro_is_read_by_its_header() -> None:
    found = schema(avro(2))
    assert (found.classification, found.records, json.loads(found.details["avro_schema"])) == ("avro", 2, AVRO)
    assert columns(avro()) == (
        "id bigint, at timestamp, kind string, kinds array<string>, price decimal(9,2), more map<string,int>"
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PAR1" + b"x" * 40, "no Parquet file: its footer can't be read"),
        (b"ORC" + b"x" * 40, "no ORC file: its footer can't be read"),
        (b"Obj\x01\x02", "no Avro file: its header can't be read"),
        (b"PK\x03\x04xxxx", "ZIP files are not read by lakebox; store them as gzip or uncompressed"),
        (zipped("id,name\n1,x\n")[:-9], "broken: the gzip file ends too early"),
        (b"\x1f\x8bxxxxxxxxx", "broken: Error -3"),
        (b"\x89PNG\r\n\0\0", "neither text nor Parquet, ORC or Avro"),
        (b"some words\nand more, of them\n", "neither JSON nor CSV with at least two columns and two rows"),
        (b"{not json", "no JSON object or array"),
        (b"[1, 2", "no JSON object or array"),
        (b'"text"', "neither JSON nor CSV"),
    ],
)
def test_what_is_no_data_is_named(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError) as raised:
        schema(content)
    assert str(raised.value).startswith(reason)


@given(st.sampled_from(["parquet", "orc", "avro", "json", "csv", "gzip"]), st.randoms(use_true_random=False))
def test_damaged_files_are_read_or_refused(kind: str, chance: random.Random) -> None:
    text = json_lines(ROWS * 3)
    whole = {"parquet": parquet(ROWS), "orc": orc_file(ROWS), "avro": avro(), "json": text.encode(),
             "csv": b"id,name\n1,x\n2,y\n", "gzip": zipped(text)}[kind]  # fmt: skip
    content = bytearray(whole[: chance.randint(1, len(whole))])
    for _ in range(chance.randint(0, 4)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    with contextlib.suppress(UnreadableError):
        schema(bytes(content))


def test_large_files_are_read_at_their_beginning() -> None:
    line = json.dumps({"id": 1, "text": "x" * 100}) + "\n"
    store = OneObject(line.encode() * 50_000)
    found = schema_of(store, StoredObject("x.json", len(store.content), "v"))
    assert store.read_bytes == 1 << 20
    assert abs(found.records - 50_000) < 500
    rows = OneObject(parquet([{"id": number} for number in range(200_000)]))
    assert schema_of(rows, StoredObject("x", len(rows.content), "v")).records == 200_000
    assert rows.read_bytes < (1 << 20) + (64 << 10)


def test_all_streams_of_a_packed_file_are_read(sandbox: CrawlSandbox) -> None:
    first, second = b"id,name\n1,x\n", b"2,y\n3,z\n"
    for name, pack in (("gz", gzip.compress), ("bz2", bz2.compress)):
        sandbox.put("bucket", {f"{name}/f.csv.{name}": pack(first) + pack(second)})
        sandbox.define(name, f"bucket/{name}")
        assert sandbox.run(name)["Status"] == "SUCCEEDED"
        (table,) = sandbox.glue.get_tables(DatabaseName=name)["TableList"]
        assert table["Parameters"]["recordCount"] == "3"


def test_records_of_a_large_gzip_are_estimated() -> None:
    rng = random.Random(7)
    lines = "".join(json.dumps({"id": rng.getrandbits(60), "at": rng.random()}) + "\n" for _ in range(80_000))
    content = gzip.compress(lines.encode())
    assert len(content) > 1 << 20
    assert abs(schema(content).records - 80_000) < 2000


def test_a_record_longer_than_a_megabyte() -> None:
    assert columns(json.dumps({"a": "x" * 3_000_000, "b": 1}).encode()) == "a string, b int"
    assert columns(json.dumps([{"a": 1}] * 300_000).encode()) == "array array<struct<a:int>>"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (pa.int8(), "tinyint"),
        (pa.decimal128(9, 2), "decimal(9,2)"),
        (pa.timestamp("ns"), "timestamp"),
        (pa.list_(pa.struct([("a", pa.int32()), ("b", pa.map_(pa.string(), pa.date32()))])),
         "array<struct<a:int,b:map<string,date>>>"),
        (pa.dictionary(pa.int8(), pa.string()), "string"),
    ],
)  # fmt: skip
def test_types_of_parquet(kind: pa.DataType, text: str) -> None:
    content = parquet([{"v": None}], pa.schema([("v", kind)]))
    assert columns(content) == f"v {text}"
    assert text_of(parsed(text)) == text


@pytest.mark.parametrize(
    ("first", "second", "as_text", "as_parquet"),
    [
        ("int", "bigint", "bigint", "bigint"),
        ("bigint", "double", "double", "double"),
        ("int", "string", "string", "int"),
        ("array<int>", "array<double>", "array<double>", "array<double>"),
        ("struct<a:int>", "struct<b:string,a:bigint>", "struct<a:bigint,b:string>", "struct<a:bigint,b:string>"),
        ("map<string,int>", "map<string,bigint>", "map<string,bigint>", "map<string,bigint>"),
        ("struct<a:int>", "int", "string", "struct<a:int>"),
    ],
)
def test_types_that_differ(first: str, second: str, as_text: str, as_parquet: str) -> None:
    assert text_of(merged(parsed(first), parsed(second), is_text=True)) == as_text
    assert text_of(merged(parsed(first), parsed(second), is_text=False)) == as_parquet


@pytest.mark.slow
def test_ten_thousand_objects(sandbox: CrawlSandbox) -> None:
    content = parquet(ROWS)
    folder: Path = sandbox.root / "bucket" / "d"
    for day in range(200):
        (folder / f"day={day:03d}").mkdir(parents=True)
        for part in range(50):
            (folder / f"day={day:03d}" / f"{part}.parquet").write_bytes(content)
    sandbox.define("c", "bucket/d")
    assert sandbox.run("c")["Status"] == "SUCCEEDED"
    (table,) = sandbox.tables("c")
    assert (table["Parameters"]["objectCount"], table["Parameters"]["recordCount"]) == ("10000", "10000")
    assert len(sandbox.partitions("c", "d")) == 200
