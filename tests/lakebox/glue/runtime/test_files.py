"""Files in and out of DynamicFrames: formats, types, partitions, and frames' own methods."""

import json
from pathlib import Path
from typing import Any

import pytest

from lakebox.glue.runtime.awsglue.dynamicframe import DynamicFrame

pytestmark = pytest.mark.spark


def read(glue: Any, path: Path, name: str, **options: Any) -> Any:
    return glue.create_dynamic_frame.from_options("s3", {"paths": [str(path)]}, name, options, "ctx")


def test_csv_gives_strings(glue: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("n;s\n1;'x;y'\n")
    frame = read(glue, tmp_path, "csv", withHeader=True, separator=";", quoteChar="'")
    assert [tuple(row) for row in frame.toDF().collect()] == [("1", "x;y")]
    assert read(glue, tmp_path, "csv", separator=";").toDF().columns == ["col0", "col1"]


def test_a_source_is_read_in_the_format_that_it_is_given(glue: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("n,s\n1,x\n2,y\n")
    source = glue.getSource("s3", paths=[str(tmp_path)])
    source.setFormat("csv", withHeader=True)
    assert source.getFrame().toDF().count() == 2
    options = {
        "connection_options": {"paths": [str(tmp_path)]},
        "format": "csv",
        "format_options": {"withHeader": True},
    }
    assert glue.create_sample_dynamic_frame_from_options("s3", num=1, **options).count() == 1


def test_csv_with_empty_headers_and_no_escaper(glue: Any, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('n,,s,\n1,2,"a ""b""",3\n')
    frame = read(glue, tmp_path, "csv", withHeader=True, quoteChar='"', escaper="").toDF()
    assert (frame.columns, tuple(frame.first())) == (["n", "s", ""], ("1", 'a "b"', "3"))
    assert frame.drop("").columns == ["n", "s"]


def test_json_gives_ints_where_they_fit(glue: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = [
        {"a": 1, "b": 3_000_000_000, "c": {"d": 2, "e": [1], "f": [{"g": 3}, {"g": 3_000_000_000}]}},
        {"a": None, "b": 1, "c": {"d": 5, "e": []}},
    ]
    (tmp_path / "x.json").write_text("\n".join(map(json.dumps, records)))
    read(glue, tmp_path, "json").printSchema()
    assert capsys.readouterr().out.splitlines() == [
        "root",
        " |-- a: int",
        " |-- b: long",
        " |-- c: struct",
        " |    |-- d: int",
        " |    |-- e: array",
        " |    |    |-- element: int",
        " |    |-- f: array",
        " |    |    |-- element: struct",
        " |    |    |    |-- g: long",
    ]


@pytest.mark.parametrize("is_multiline", [False, True])
def test_json_keeps_the_order_of_its_fields(glue: Any, tmp_path: Path, is_multiline: bool) -> None:
    records = [{"z": 1, "b": {"y": 'a "}', "a": 2}}, {"z": 2, "list": [{"q": 1, "p": 2}], "b": {"c": 3}}]
    text = json.dumps(records, indent=1) if is_multiline else "\n".join(map(json.dumps, records))
    (tmp_path / "x.json").write_text(text)
    frame = read(glue, tmp_path, "json", multiline=is_multiline).toDF()
    kinds = "z:int,b:struct<y:string,a:int,c:int>,list:array<struct<q:int,p:int>>"
    assert frame.schema.simpleString() == f"struct<{kinds}>"
    assert [tuple(row) for row in frame.orderBy("z").collect()][1] == (2, (None, None, 3), [(1, 2)])


def test_a_field_of_two_types_is_a_choice(glue: Any, tmp_path: Path) -> None:
    lines = ['{"id": 5, "n": 1}', '{"id": "x9", "n": 2}', '{"id": null, "n": 3}', '{"id": "7", "n": 4}']
    (tmp_path / "x.json").write_text("\n".join(lines))
    frame = read(glue, tmp_path, "json")

    def rows(resolved: Any) -> list[tuple[Any, ...]]:
        return [tuple(row)[:-1] for row in resolved.toDF().orderBy("n").collect()]

    assert frame.toDF().schema["id"].dataType.simpleString() == "struct<int:int,string:string>"
    assert rows(frame.resolveChoice(choice="make_cols")) == [(5, None), (None, "x9"), (None, None), (None, "7")]
    assert rows(frame.resolveChoice(specs=[("id", "cast:long")])) == [(5,), (None,), (None,), (7,)]
    assert rows(frame.resolveChoice(choice="project:string")) == [("5",), ("x9",), (None,), ("7",)]
    assert rows(frame.resolveChoice(specs=[("id", "make_struct")]))[0] == ((5, None),)
    assert rows(frame.apply_mapping([("id", "int", "id", "int"), ("n", "int", "n", "int")]))[3] == (7,)
    with pytest.raises(ValueError, match="has no action 'make_nothing'"):
        frame.resolveChoice(choice="make_nothing")


def test_text_that_looks_like_numbers_stays_text(glue: Any, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"id": "5"}\n{"id": "x"}\n')
    assert read(glue, tmp_path, "json").toDF().schema.simpleString() == "struct<id:string>"


def test_a_path_without_files_has_no_rows(glue: Any, tmp_path: Path) -> None:
    frame = read(glue, tmp_path / "nothing", "json")
    assert (frame.count(), frame.toDF().columns) == (0, [])


def test_a_json_path_names_the_records(glue: Any, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps({"items": [{"a": 1}, {"a": 2}]}))
    frame = read(glue, tmp_path, "json", jsonPath="$.items[*]", multiline=True)
    assert [row.a for row in frame.toDF().collect()] == [1, 2]


@pytest.mark.parametrize("name", ["csv", "json", "parquet", "glueparquet", "orc"])
def test_each_format_comes_back(glue: Any, frame_of: Any, tmp_path: Path, name: str) -> None:
    frame = frame_of([("a", "x"), ("b", "y")], "s string, part string")
    target = {"path": str(tmp_path / "out"), "partitionKeys": ["part"]}
    glue.write_dynamic_frame.from_options(frame, "s3", target, name)
    glue.write_dynamic_frame.from_options(frame=frame, connection_type="s3", connection_options=target, format=name)
    assert sorted(path.name for path in (tmp_path / "out").iterdir() if path.is_dir()) == ["part=x", "part=y"]
    back = read(glue, tmp_path / "out", name, withHeader=True).toDF()
    assert sorted(tuple(row) for row in back.select("s", "part").collect()) == [("a", "x")] * 2 + [("b", "y")] * 2


def test_frames_are_merged_and_joined_up(frame_of: Any) -> None:
    old = frame_of([("1", "a"), ("2", "b")], "id string, v string")
    new = frame_of([("2", "c"), ("3", "d")], "id string, v string")
    merged = old.mergeDynamicFrame(new, ["id"], "ctx")
    assert sorted(tuple(row) for row in merged.toDF().collect()) == [("1", "a"), ("2", "c"), ("3", "d")]
    assert (old.union(new).count(), old.coalesce(1).count(), old.errorsCount()) == (4, 2, 0)
    with pytest.raises(AttributeError, match="use toDF"):
        old.nothing_like_that()


def test_columns_of_one_name_become_one(glue: Any) -> None:
    rows = glue.spark_session.sql(
        "SELECT * FROM VALUES (1, 'a') AS x(k, v) JOIN VALUES (1, 'b') AS y(K, w) ON x.k = y.k"
    )
    frame = DynamicFrame.fromDF(rows, glue, "joined")
    assert [tuple(row) for row in frame.toDF().collect()] == [(1, "a", "b")]


def test_old_files_are_purged(glue: Any, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("x")
    glue.purge_s3_path(str(tmp_path), {"retentionPeriod": 1})
    assert (tmp_path / "x.txt").exists()
    glue.purge_s3_path(str(tmp_path), {"retentionPeriod": 0})
    assert not (tmp_path / "x.txt").exists()
