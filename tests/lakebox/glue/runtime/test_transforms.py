"""Glue's transforms give what AWS's documentation says of them."""

from typing import Any

import pytest

from lakebox.glue.runtime.awsglue import gluetypes
from lakebox.glue.runtime.awsglue.sources.formats import UnsupportedError
from lakebox.glue.runtime.awsglue.transforms import (
    ApplyMapping,
    DropFields,
    DropNullFields,
    Filter,
    FindMatches,
    FlatMap,
    Join,
    Map,
    Relationalize,
    RenameField,
    ResolveChoice,
    SelectFields,
    SelectFromCollection,
    SplitFields,
    SplitRows,
    UnnestFrame,
)

pytestmark = pytest.mark.spark

PEOPLE = "id string, name string, address struct<city: string, zip: string>"
ROWS = [("1", "Ann", ("Oslo", "0150")), ("2", "Bob", ("Rome", "00100"))]


def rows_of(frame: Any) -> list[Any]:
    return [tuple(row) for row in frame.toDF().collect()]


def schema_of(frame: Any) -> str:
    return str(frame.toDF().schema.simpleString()).removeprefix("struct<").removesuffix(">")


def test_mappings_rename_cast_and_nest(frame_of: Any) -> None:
    mappings = [
        ("id", "string", "Person.Id", "long"),
        ("address.city", "string", "Person.City", "string"),
        ("address", "struct", "as_text", "string"),
        ("missing", "string", "gone", "string"),
    ]
    mapped = ApplyMapping.apply(frame=frame_of(ROWS, PEOPLE), mappings=mappings, transformation_ctx="x", unknown=1)
    assert schema_of(mapped) == "Person:struct<Id:bigint,City:string>,as_text:string"
    assert rows_of(mapped)[0] == ((1, "Oslo"), '{"city":"Oslo","zip":"0150"}')


def test_mappings_of_two_places_keep_types(frame_of: Any) -> None:
    mapped = frame_of([("a", 1)], "`first.name` string, n int").apply_mapping([("`first.name`", "name"), ("N", "n")])
    assert (schema_of(mapped), rows_of(mapped)) == ("name:string,n:int", [("a", 1)])


def test_fields_are_dropped_selected_renamed(frame_of: Any) -> None:
    people = frame_of(ROWS, PEOPLE)
    assert (
        schema_of(DropFields.apply(people, ["name", "address.zip", "nope"])) == "id:string,address:struct<city:string>"
    )
    assert schema_of(SelectFields.apply(people, paths=["name", "nope"])) == "name:string"
    assert schema_of(RenameField.apply(people, "name", "full")).startswith("id:string,full:string,")
    assert schema_of(people.rename_field("address.city", "town")).endswith("town:string,address:struct<zip:string>")
    assert schema_of(UnnestFrame.apply(people)) == "id:string,name:string,address.city:string,address.zip:string"


def test_columns_of_nulls_are_dropped(frame_of: Any) -> None:
    frame = frame_of([("a", None, None), ("b", None, 1)], "a string, b string, c int")
    assert schema_of(DropNullFields.apply(frame=frame)) == "a:string,c:int"


def test_functions_get_records(frame_of: Any) -> None:
    people = frame_of(ROWS, PEOPLE)
    assert (
        rows_of(Filter.apply(frame=people, f=lambda r: r["address"]["city"] == "Oslo" and r.id == "1"))[0][1] == "Ann"
    )

    def shout(record: Any) -> Any:
        record["name"] = record.name.upper()
        record["size"] = len(record["name"])
        del record["address"]
        return record

    shouted = Map.apply(frame=people, f=shout)
    assert (schema_of(shouted), rows_of(shouted)[1]) == ("id:string,name:string,size:int", ("2", "BOB", 3))
    doubled = FlatMap.apply(frame=people.select_fields(["id"]), f=lambda r: [r, r])
    assert rows_of(doubled) == [("1",), ("1",), ("2",), ("2",)]


def test_a_join_puts_a_dot_before_names_that_collide(frame_of: Any) -> None:
    orders = frame_of([("1", "book"), ("3", "pen")], "id string, item string")
    joined = Join.apply(frame_of(ROWS, PEOPLE).select_fields(["id", "name"]), orders, "id", "id")
    assert (schema_of(joined), rows_of(joined)) == (
        "id:string,name:string,.id:string,item:string",
        [("1", "Ann", "1", "book")],
    )
    assert schema_of(joined.drop_fields([".id"])) == "id:string,name:string,item:string"


def test_methods_take_arguments_in_their_own_order(frame_of: Any) -> None:
    left, right = frame_of([("1", "a")], "id string, x string"), frame_of([("1", "b")], "key string, y string")
    assert rows_of(left.join(["id"], ["key"], right)) == [("1", "a", "1", "b")]
    assert rows_of(left.join(paths1=["id"], paths2=["id"], frame2=left)) == [("1", "a", "1", "a")]
    assert schema_of(left.rename_field(oldName="x", newName="z")) == "id:string,z:string"
    assert left.relationalize("start", "s3://tmp/").keys() == ["start"]
    assert schema_of(left.select_fields("id")) == "id:string"


def test_dots_are_added_until_a_name_is_free(frame_of: Any) -> None:
    one = frame_of([("1",)], "id string")
    assert Join.apply(Join.apply(one, one, "id", "id"), one, "id", "id").toDF().columns == ["id", ".id", "..id"]


def test_frames_are_joined_by_members_of_structs(frame_of: Any) -> None:
    left, right = frame_of([((1,),)], "a struct<n: int>"), frame_of([((1,), "x")], "b struct<n: int>, s string")
    assert rows_of(Join.apply(left, right, ["a.n"], ["b.n"])) == [((1,), (1,), "x")]


def test_choices_are_cast(frame_of: Any) -> None:
    frame = frame_of([("1", "x")], "n string, s string")
    assert (
        schema_of(ResolveChoice.apply(frame, specs=[("n", "cast:long"), ("nope", "cast:int")])) == "n:bigint,s:string"
    )
    assert schema_of(frame.resolveChoice(choice="make_struct")) == "n:string,s:string"


def test_members_of_structs_and_lists_are_cast(frame_of: Any) -> None:
    frame = frame_of(
        [(("1", 2), [("3",)], ["4", "x"])], "a struct<b: string, c: int>, l array<struct<n: string>>, p array<string>"
    )
    specs = [("a.b", "cast:long"), ("l[].n", "project:int"), ("p[]", "cast:int"), ("no.where", "cast:int")]
    cast = frame.resolveChoice(specs=specs)
    assert schema_of(cast) == "a:struct<b:bigint,c:int>,l:array<struct<n:int>>,p:array<int>"
    assert rows_of(cast) == [((1, 2), [(3,)], [4, None])]


def test_types_are_named_as_in_glue(frame_of: Any) -> None:
    schema = frame_of([(None, 1)], "nothing void, n int").schema()
    assert isinstance(schema, gluetypes.StructType)
    assert [isinstance(field.dataType, gluetypes.NullType) for field in schema] == [True, False]
    assert "ChoiceType" in gluetypes.__all__


def test_frames_are_split(frame_of: Any) -> None:
    frame = frame_of([("a", 1), ("b", 5)], "s string, n int")
    fields = SplitFields.apply(frame, ["s"], "left", "right")
    assert [schema_of(SelectFromCollection.apply(fields, name)) for name in ("left", "right")] == ["s:string", "n:int"]
    rows = SplitRows.apply(frame, {"n": {">": 2}}, "many", "few")
    assert (rows_of(rows["many"]), rows_of(rows["few"])) == ([("b", 5)], [("a", 1)])


def test_arrays_become_tables_of_their_own(frame_of: Any) -> None:
    schema = "id string, tags array<string>, orders array<struct<item: string, n: int>>"
    frame = frame_of([("1", ["x", "y"], [("book", 2)]), ("2", [], None)], schema)
    tables = Relationalize.apply(frame=frame, staging_path="s3://tmp/", name="root")
    assert tables.keys() == ["root", "root_tags", "root_orders"]
    (first, tags, orders), second = rows_of(tables["root"])
    assert (first, second) == ("1", ("2", None, None))
    assert rows_of(tables["root_tags"]) == [(tags, 0, "x"), (tags, 1, "y")]
    assert schema_of(tables["root_orders"]) == "id:bigint,index:int,orders.val.item:string,orders.val.n:int"
    assert rows_of(tables["root_orders"]) == [(orders, 0, "book", 2)]


def test_arrays_in_arrays_are_named_from_the_root(frame_of: Any) -> None:
    frame = frame_of([([("x", [1, 2])],), ([("y", [3])],)], "a array<struct<n: string, b: array<int>>>").repartition(4)
    tables = Relationalize.apply(frame=frame, name="root")
    assert tables.keys() == ["root", "root_a", "root_a.val.b"]
    assert sorted(rows_of(tables["root"])) == [(1,), (2,)]
    assert sorted(row[2:] for row in rows_of(tables["root_a"])) == [("x", 1), ("y", 2)]
    assert schema_of(tables["root_a.val.b"]) == "id:bigint,index:int,a.val.b.val:int"


def test_what_is_missing_says_so(frame_of: Any, glue: Any) -> None:
    with pytest.raises(UnsupportedError, match="FindMatches is not supported by lakebox: machine-learning"):
        FindMatches.apply(frame=frame_of(ROWS, PEOPLE))
    with pytest.raises(UnsupportedError, match="format='xml' is not supported by lakebox: convert it"):
        glue.create_dynamic_frame.from_options("s3", {"paths": ["/tmp"]}, format="xml")
    with pytest.raises(UnsupportedError, match="connection_type='dynamodb' is not supported"):
        glue.create_dynamic_frame.from_options("dynamodb", {})
    with pytest.raises(UnsupportedError, match=r"GlueContext\.transition_table is not supported"):
        glue.transition_table("d", "t")


def test_a_member_of_a_struct_is_renamed_in_its_place(frame_of: Any) -> None:
    frame = frame_of([(1, ("x", ("y", 2)))], "id int, s struct<a: string, t: struct<b: string, c: int>>")
    assert schema_of(frame.rename_field("s.t.b", "s.t.z")) == "id:int,s:struct<a:string,t:struct<z:string,c:int>>"
    assert rows_of(frame.rename_field("s.a", "s.z")) == [(1, ("x", ("y", 2)))]


def test_map_keeps_the_order_of_members(frame_of: Any) -> None:
    def with_more(record: Any) -> Any:
        record["new"] = {"z": 1, "a": [{"y": 1, "b": 2}]}
        return record

    mapped = frame_of([(1, ("x", "y"))], "id int, s struct<d: string, c: string>").map(with_more)
    new = "struct<z:int,a:array<struct<y:int,b:int>>>"
    assert schema_of(mapped) == f"id:int,s:struct<d:string,c:string>,new:{new}"
