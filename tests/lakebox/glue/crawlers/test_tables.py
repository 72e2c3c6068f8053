"""What a crawl writes into the catalog: SerDe, formats and parameters as Glue's do; and users' own classifiers."""

from typing import Any

import pytest
from crawl_sandbox import CrawlSandbox, json_lines, orc_file, parquet, zipped

A = [{"id": 1, "name": "x"}, {"id": 2, "name": "y"}]
CSV = "id,name\n1,ann\n2,bob\n"
HIVE = "org.apache.hadoop.hive"
TEXT = ["org.apache.hadoop.mapred.TextInputFormat", f"{HIVE}.ql.io.HiveIgnoreKeyTextOutputFormat"]


def crawled(sandbox: CrawlSandbox, files: dict[str, bytes | str], **more: Any) -> dict[str, Any]:
    """The only table of a crawl of the folder d."""
    sandbox.put("bucket", files)
    sandbox.define("c", "s3://bucket/d/", **more)
    assert sandbox.run("c")["Status"] == "SUCCEEDED"
    (table,) = sandbox.tables("c")
    return table


def test_a_table_of_parquet(sandbox: CrawlSandbox) -> None:
    content = parquet(A)
    table = crawled(sandbox, {"d/k=1/x.parquet": content, "d/k=2/x.parquet": content})
    crawl_id = sandbox.glue.list_crawls(CrawlerName="c")["Crawls"][0]["CrawlId"]
    assert table["Parameters"] == {
        "CRAWL_RUN_ID": crawl_id,
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "UPDATED_BY_CRAWLER": "c",
        "averageRecordSize": str(len(content) // 2),
        "classification": "parquet",
        "compressionType": "none",
        "objectCount": "2",
        "recordCount": "4",
        "sizeKey": str(2 * len(content)),
        "typeOfData": "file",
    }
    assert (table["TableType"], table["Owner"], table["Retention"]) == ("EXTERNAL_TABLE", "owner", 0)
    assert table["PartitionKeys"] == [{"Name": "k", "Type": "string"}]
    descriptor = table["StorageDescriptor"]
    assert descriptor["Columns"] == [{"Name": "id", "Type": "bigint"}, {"Name": "name", "Type": "string"}]
    assert (descriptor["Location"], descriptor["NumberOfBuckets"]) == ("s3://bucket/d/", -1)
    assert descriptor["InputFormat"] == f"{HIVE}.ql.io.parquet.MapredParquetInputFormat"
    assert descriptor["OutputFormat"] == f"{HIVE}.ql.io.parquet.MapredParquetOutputFormat"
    assert descriptor["SerdeInfo"] == {
        "SerializationLibrary": f"{HIVE}.ql.io.parquet.serde.ParquetHiveSerDe",
        "Parameters": {"serialization.format": "1"},
    }
    first, _ = sandbox.partitions("c", "d")
    assert (first["Values"], first["StorageDescriptor"]["Location"]) == (["1"], "s3://bucket/d/k=1/")
    assert first["StorageDescriptor"]["Columns"] == descriptor["Columns"]
    assert (first["Parameters"]["objectCount"], first["Parameters"]["recordCount"]) == ("1", "2")


def test_a_table_of_csv(sandbox: CrawlSandbox) -> None:
    table = crawled(sandbox, {"d/x.csv": CSV})
    descriptor = table["StorageDescriptor"]
    assert [descriptor["InputFormat"], descriptor["OutputFormat"]] == TEXT
    assert descriptor["SerdeInfo"] == {
        "SerializationLibrary": f"{HIVE}.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": ","},
    }
    wanted = {"areColumnsQuoted": "false", "columnsOrdered": "true", "delimiter": ",", "skip.header.line.count": "1"}
    assert wanted.items() <= table["Parameters"].items()
    counts = {"recordCount": "2", "sizeKey": "20", "averageRecordSize": "7", "objectCount": "1"}
    assert counts.items() <= table["Parameters"].items()


def test_a_table_of_gzipped_json(sandbox: CrawlSandbox) -> None:
    table = crawled(sandbox, {"d/x.json.gz": zipped(json_lines(A))})
    assert table["Parameters"]["compressionType"] == "gzip"
    assert table["StorageDescriptor"]["Compressed"] is True
    assert table["StorageDescriptor"]["SerdeInfo"] == {
        "SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe",
        "Parameters": {"paths": "id,name"},
    }


def test_a_table_of_orc(sandbox: CrawlSandbox) -> None:
    descriptor = crawled(sandbox, {"d/x": orc_file(A)})["StorageDescriptor"]
    assert descriptor["SerdeInfo"]["SerializationLibrary"] == f"{HIVE}.ql.io.orc.OrcSerde"
    assert descriptor["InputFormat"] == f"{HIVE}.ql.io.orc.OrcInputFormat"


def test_exclude_patterns_are_kept_with_the_table(sandbox: CrawlSandbox) -> None:
    targets = {"S3Targets": [{"Path": "s3://bucket/d", "Exclusions": ["**.txt"]}]}
    table = crawled(sandbox, {"d/x.csv": CSV, "d/y.txt": "notes"}, Targets=targets)
    assert table["Parameters"]["exclusions"] == '["s3://bucket/d/**.txt"]'


def test_a_sample_stands_for_its_folder(sandbox: CrawlSandbox) -> None:
    files: dict[str, bytes | str] = {f"d/{number}.json": json_lines(A) for number in range(9)}
    targets = {"S3Targets": [{"Path": "s3://bucket/d", "SampleSize": 1}]}
    table = crawled(sandbox, {**files, "d/9.json": json_lines([{"other": 1}])}, Targets=targets)
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == ["id", "name"]
    assert (table["Parameters"]["objectCount"], table["Parameters"]["recordCount"]) == ("10", "19")


@pytest.mark.parametrize(
    ("classifier", "content", "columns", "serde", "parameters"),
    [
        (
            {"Delimiter": ",", "ContainsHeader": "PRESENT"},
            "a,b\nx,y\n",
            "a string, b string",
            ("lazy.LazySimpleSerDe", {"field.delim": ","}),
            {"skip.header.line.count": "1"},
        ),
        (
            {"Delimiter": "~", "QuoteSymbol": "'", "ContainsHeader": "ABSENT", "Header": ["One", "two"]},
            "1~'a~b'\n2~c\n",
            "one string, two string",
            ("OpenCSVSerde", {"quoteChar": "'", "separatorChar": "~"}),
            {"delimiter": "~"},
        ),
        (
            {"Delimiter": ",", "QuoteSymbol": '"', "Serde": "LazySimpleSerDe"},
            "a,b\n1,2\n",
            "a bigint, b bigint",
            ("lazy.LazySimpleSerDe", {"field.delim": ","}),
            {"skip.header.line.count": "1"},
        ),
        (
            {"AllowSingleColumn": True, "ContainsHeader": "PRESENT"},
            "word\na\nb\n",
            "word string",
            ("lazy.LazySimpleSerDe", {"field.delim": ","}),
            {"skip.header.line.count": "1"},
        ),
        (
            {"Delimiter": ",", "CustomDatatypeConfigured": True, "CustomDatatypes": ["INT", "DATE"]},
            "id,at\n1,2020-01-01\n",
            "id int, at date",
            ("lazy.LazySimpleSerDe", {"field.delim": ","}),
            {"skip.header.line.count": "1"},
        ),
        (
            {"Delimiter": ",", "DisableValueTrimming": True},
            "id,n\n1, 2\n",
            "id bigint, n string",
            ("lazy.LazySimpleSerDe", {"field.delim": ","}),
            {"skip.header.line.count": "1"},
        ),
    ],
)
def test_a_csv_classifier_decides(
    sandbox: CrawlSandbox,
    classifier: dict[str, Any],
    content: str,
    columns: str,
    serde: tuple[str, dict[str, str]],
    parameters: dict[str, str],
) -> None:
    sandbox.glue.create_classifier(CsvClassifier={"Name": "mine", **classifier})
    table = crawled(sandbox, {"d/x.csv": content}, Classifiers=["mine"])
    descriptor = table["StorageDescriptor"]
    assert ", ".join(f"{one['Name']} {one['Type']}" for one in descriptor["Columns"]) == columns
    assert descriptor["SerdeInfo"]["SerializationLibrary"] == f"{HIVE}.serde2.{serde[0]}"
    assert descriptor["SerdeInfo"]["Parameters"] == serde[1]
    assert parameters.items() <= table["Parameters"].items()


@pytest.mark.parametrize(
    ("path", "content", "columns"),
    [
        ("$[*]", '[{"type": "a", "id": "x"}, {"id": "y", "name": "n"}]', "type string, id string, name string"),
        ("$.id", '{"id": "x", "n": 1}\n{"id": "y"}', "record string"),
        ("$.other_names[*].name", '{"other_names": [{"name": "A"}]}', "record string"),
        ("$.rows[*]", '{"rows": [{"a": 1}, {"b": 2.5}]}', "a int, b double"),
        ("$['rows'][0]", '{"rows": [{"a": 1}, {"b": 2.5}]}', "a int"),
    ],
)
def test_a_json_classifier_names_the_records(sandbox: CrawlSandbox, path: str, content: str, columns: str) -> None:
    sandbox.glue.create_classifier(JsonClassifier={"Name": "mine", "JsonPath": path})
    table = crawled(sandbox, {"d/x.json": content}, Classifiers=["mine"])
    assert ", ".join(f"{one['Name']} {one['Type']}" for one in table["StorageDescriptor"]["Columns"]) == columns
    assert (table["Parameters"]["jsonPath"], table["Parameters"]["classification"]) == (path, "json")


def test_a_classifier_that_fits_nothing_is_passed(sandbox: CrawlSandbox) -> None:
    sandbox.glue.create_classifier(JsonClassifier={"Name": "mine", "JsonPath": "$.rows[*]"})
    table = crawled(sandbox, {"d/x.csv": CSV}, Classifiers=["mine"])
    assert table["Parameters"]["classification"] == "csv"
