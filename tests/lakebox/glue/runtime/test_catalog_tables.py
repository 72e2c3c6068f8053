"""Tables of the catalog as frames: partitions wherever they lie, files of different days with different columns."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakebox.glue.runtime.awsglue.sources import catalog
from lakebox.testing import open_sandbox

pytestmark = pytest.mark.spark
SERDES = {
    "parquet": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    "csv": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
    "json": "org.openx.data.jsonserde.JsonSerDe",
}
Columns = list[tuple[str, str]]


@pytest.fixture
def table(glue: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a table of partitions (values -> folder below `data`); reads it as rows, sorted."""
    with open_sandbox(tmp_path / "lake") as sandbox:
        client = sandbox.client("glue")
        client.create_database(DatabaseInput={"Name": "db"})
        monkeypatch.setattr(catalog, "glue", lambda: client)

        def rows(form: str, columns: Columns, keys: Columns, parts: dict[tuple[str, ...], str], **options: Any) -> Any:
            uri = (tmp_path / "data").as_uri()
            settings = {name: str(options.pop(name)) for name in list(options) if "." in name}
            stored = {
                "Columns": [{"Name": name, "Type": type_name} for name, type_name in columns],
                "Location": uri,
                "SerdeInfo": {"SerializationLibrary": SERDES[form], "Parameters": settings},
            }
            partition_keys = [{"Name": name, "Type": type_name} for name, type_name in keys]
            given = {"Name": "t", "PartitionKeys": partition_keys, "StorageDescriptor": stored}
            client.create_table(DatabaseName="db", TableInput=given)
            inputs = [
                {"Values": list(values), "StorageDescriptor": stored | {"Location": f"{uri}/{folder}"}}
                for values, folder in parts.items()
            ]
            client.batch_create_partition(DatabaseName="db", TableName="t", PartitionInputList=inputs)
            frame = glue.create_dynamic_frame.from_catalog("db", "t", **options).toDF()
            assert frame.columns == [name for name, _ in (*columns, *keys)]
            return sorted((tuple(row) for row in frame.collect()), key=str)

        yield rows


def write(tmp_path: Path, folder: str, **columns: pa.Array | list[Any]) -> None:
    (tmp_path / "data" / folder).mkdir(parents=True)
    pq.write_table(pa.table(columns), tmp_path / "data" / folder / "x.parquet")


def test_partitions_lie_anywhere(table: Any, tmp_path: Path) -> None:
    folders = {("1", "a b"): "d=1/k=a b", ("2", "ü+%"): "d=2/k=ü+%25", ("3", "c"): "elsewhere/3"}
    for number, folder in enumerate(folders.values()):
        write(tmp_path, folder, a=[number])
    found = table("parquet", [("a", "bigint")], [("d", "int"), ("k", "string")], folders)
    assert found == [(0, 1, "a b"), (1, 2, "ü+%"), (2, 3, "c")]


def test_a_predicate_chooses_partitions(table: Any, tmp_path: Path) -> None:
    write(tmp_path, "d=01", a=[1])
    (tmp_path / "data" / "d=02").mkdir()
    (tmp_path / "data" / "d=02" / "broken.parquet").write_text("no Parquet")
    parts = {("01",): "d=01", ("02",): "d=02", ("__HIVE_DEFAULT_PARTITION__",): "d=01"}
    keys = [("d", "string")]
    assert table("parquet", [("a", "int")], keys, parts, push_down_predicate="d != '02'") == [(1, "01")]


def test_newer_files_have_more_columns(table: Any, tmp_path: Path) -> None:
    write(tmp_path, "1", a=[1])
    write(tmp_path, "2", b=["x"], a=[2])
    found = table("parquet", [("a", "bigint"), ("b", "string")], [("d", "int")], {("1",): "1", ("2",): "2"})
    assert found == [(1, None, 1), (2, "x", 2)]


def test_files_of_other_types_are_cast(table: Any, tmp_path: Path) -> None:
    write(tmp_path, "1", a=pa.array([1], pa.int32()))
    write(tmp_path, "2", a=["2"])
    assert table("parquet", [("a", "bigint")], [("d", "int")], {("1",): "1", ("2",): "2"}) == [(1, 1), (2, 2)]


def test_csv_fields_are_columns_by_place(table: Any, tmp_path: Path) -> None:
    for day, text in (("1", "x,y\n1,u\n"), ("2", "y\n2\n")):
        (tmp_path / "data" / day).mkdir(parents=True)
        (tmp_path / "data" / day / "x.csv").write_text(text)
    options = {"field.delim": ",", "skip.header.line.count": 1}
    found = table("csv", [("a", "int"), ("b", "string")], [("d", "int")], {("1",): "1", ("2",): "2"}, **options)
    assert found == [(1, "u", 1), (2, None, 2)]


def test_json_has_the_types_of_the_table(table: Any, tmp_path: Path) -> None:
    (tmp_path / "data" / "1").mkdir(parents=True)
    (tmp_path / "data" / "1" / "x.json").write_text('{"A": 1, "b": {"c": 2}}\n{"A": "x", "b": null}\n{"A": "3"}\n')
    found = table("json", [("a", "bigint"), ("b", "struct<c:bigint>")], [("d", "int")], {("1",): "1"})
    assert found == [((1, None), (2,), 1), ((3, None), None, 1), ((None, "x"), None, 1)]


def test_members_of_structs_go_by_name(table: Any, tmp_path: Path) -> None:
    (tmp_path / "data" / "1").mkdir(parents=True)
    lines = [
        '{"who": {"Name": "Ann", "age": 1}, "tags": [{"v": 2, "k": "x"}], "any": {"a": 1}, "m": {"one": 1}}',
        '{"who": {"Name": "Bob"}, "tags": [], "any": "text", "m": null}',
    ]
    (tmp_path / "data" / "1" / "x.json").write_text("\n".join(lines))
    columns = [
        ("who", "struct<name:string,age:string,city:string>"),
        ("tags", "array<struct<v:bigint,k:string>>"),
        ("any", "string"),
        ("m", "map<string,int>"),
    ]
    assert table("json", columns, [("d", "int")], {("1",): "1"}) == [
        (("Ann", "1", None), [(2, "x")], '{"a":1}', {"one": 1}, 1),
        (("Bob", None, None), [], "text", None, 1),
    ]


def test_lists_that_are_all_empty_are_read(table: Any, tmp_path: Path) -> None:
    (tmp_path / "data" / "1").mkdir(parents=True)
    (tmp_path / "data" / "1" / "x.json").write_text('{"tags": []}\n')
    assert table("json", [("tags", "array<struct<v:int>>")], [("d", "int")], {("1",): "1"}) == [([], 1)]


def test_a_partition_without_a_folder_is_empty(table: Any, tmp_path: Path) -> None:
    write(tmp_path, "1", a=[1])
    assert table("parquet", [("a", "bigint")], [("d", "int")], {("1",): "1", ("2",): "gone"}) == [(1, 1)]


def test_the_catalog_may_choose_partitions_too(table: Any, tmp_path: Path) -> None:
    for day in ("1", "2", "3"):
        write(tmp_path, day, a=[int(day)])
    parts = {(day,): day for day in ("1", "2", "3")}
    options = {"push_down_predicate": "d > '1'", "additional_options": {"catalogPartitionPredicate": "d < '3'"}}
    assert table("parquet", [("a", "bigint")], [("d", "string")], parts, **options) == [(2, "2")]


def test_numbers_with_other_values_are_a_choice(table: Any, tmp_path: Path) -> None:
    (tmp_path / "data" / "1").mkdir(parents=True)
    (tmp_path / "data" / "1" / "x.csv").write_text("1,2\nDEAD,3\n,4\n")
    found = table("csv", [("a", "bigint"), ("b", "int")], [("d", "int")], {("1",): "1"}, **{"field.delim": ","})
    assert found == [(None, 4, 1), ((1, None), 2, 1), ((None, "DEAD"), 3, 1)]
