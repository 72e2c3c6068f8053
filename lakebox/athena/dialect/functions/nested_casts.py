"""Casts of arrays, maps, rows and JSON: each part is cast as it is alone, a row's fields by their place."""

from collections.abc import Callable
from itertools import count

from sqlglot import exp

from lakebox.athena.dialect.templates import filled
from lakebox.athena.dialect.types import FLOATING, INTEGER, TEXT, cast_to, digits_of, row_fields
from lakebox.athena.engine import SqlError

# Signs beyond the first 65,536 are written as two escapes, as Athena does.
JSON_TEXT = (
    r"CASE WHEN regexp_matches(_0, '[\x{10000}-\x{10FFFF}]') THEN athena_json_string(_0) "
    "ELSE CAST(to_json(_0) AS VARCHAR) END"
)
NESTED = ("array", "map", "struct")
NUMBER_OF_PART = count()
ScalarCast = Callable[[exp.Expr], exp.Expr | None]
TextOf = Callable[[exp.Expr, exp.DataType | None], exp.Expr | None]


class NestedCast:
    """Casts one value; `scalar_cast` mends a cast of scalars, and `text_of` prints one."""

    def __init__(self, scalar_cast: ScalarCast, text_of: TextOf) -> None:
        self._scalar_cast, self._text_of = scalar_cast, text_of

    def cast(self, value: exp.Expr, kind: exp.DataType, to: exp.DataType) -> exp.Expr:
        """A value of a type as one of another; raises SqlError where Athena has no such cast."""
        value.type = kind
        if kind.is_type("null"):
            return cast_to(value, to)
        if to.is_type("json"):
            return cast_to(self.json_text(value, kind), "JSON")
        if kind.is_type("json"):
            return self.from_json(cast_to(value, "VARCHAR"), to)
        if to.is_type("array") and kind.is_type("array"):
            (element,), (wanted,) = kind.expressions, to.expressions
            return filled("list_transform(_0, lambda x: _1(x))", [value, self._part(element, wanted)])
        if to.is_type("map") and kind.is_type("map"):
            parts = [self._part(*pair) for pair in zip(kind.expressions, to.expressions, strict=True)]
            entry = "struct_pack(key := _1(e.key), value := _2(e.value))"
            text = f"map_from_entries(list_transform(map_entries(_0), lambda e: {entry}))"
            return filled(text, [value, *parts])
        if to.is_type("struct") and kind.is_type("struct"):
            return self._row(value, kind, to)
        if to.is_type(*NESTED) or kind.is_type(*NESTED):
            raise SqlError(f"TYPE_MISMATCH: Cannot cast {_shown(kind)} to {_shown(to)}")
        cast = cast_to(value, to)
        return self._scalar_cast(cast) or cast

    def _part(self, kind: exp.DataType, to: exp.DataType) -> exp.Lambda:
        """The cast of an element, as a function."""
        name = exp.to_identifier(f"part_{next(NUMBER_OF_PART)}", quoted=True)
        return exp.Lambda(this=self.cast(name.copy(), kind, to), expressions=[name])

    def _row(self, value: exp.Expr, kind: exp.DataType, to: exp.DataType) -> exp.Expr:
        fields, wanted = row_fields(kind), row_fields(to)
        if len(fields) != len(wanted):
            raise SqlError(f"TYPE_MISMATCH: Cannot cast {_shown(kind)} to {_shown(to)}")
        parts = [self._part(one, other) for (_, one), (_, other) in zip(fields, wanted, strict=True)]
        texts = [f"_{number + 1}(struct_extract_at(_0, {number + 1}))" for number in range(len(parts))]
        return filled(f"CASE WHEN _0 IS NOT NULL THEN {row_text(wanted, texts)} END", [value, *parts])

    def json_text(self, value: exp.Expr, kind: exp.DataType) -> exp.Expr:
        """A value as the text of its JSON; null is null."""
        value.type = kind
        if kind.is_type("json") or kind.is_type("boolean", *INTEGER):
            return cast_to(value, "VARCHAR")
        if kind.is_type(*TEXT):
            return filled(JSON_TEXT, [value])
        if kind.is_type(*FLOATING):
            digits = value if kind.is_type("double") else cast_to(value, "VARCHAR")  # a real's own, 3.14
            return filled("athena_json_double(_0)", [cast_to(digits, "DOUBLE")])
        if kind.is_type("array"):
            items = "list_transform(_0, lambda x: coalesce(_1(x), 'null'))"
            text = f"CASE WHEN _0 IS NOT NULL THEN '[' || coalesce(array_to_string({items}, ','), '') || ']' END"
            return filled(text, [value, self._json_part(kind.expressions[0])])
        if kind.is_type("map"):
            return self._json_object(value, kind)
        if kind.is_type("struct"):
            fields = row_fields(kind)
            if not all(name for name, _ in fields):
                raise SqlError(
                    "a cast to json of a row without names is not supported by the embedded engine; name them"
                )
            parts = [self._json_part(inner) for _, inner in fields]
            members = [
                f"{_literal(_json_name(name))} || coalesce(_{number}(struct_extract_at(_0, {number})), 'null')"
                for number, (name, _) in enumerate(fields, 1)
            ]
            text = "CASE WHEN _0 IS NOT NULL THEN '{' || " + " || ',' || ".join(members) + " || '}' END"
            return filled(text, [value, *parts])
        printed = self._text_of(value, kind) or cast_to(value, "VARCHAR")
        if kind.is_type("decimal"):
            is_small = (digits_of(kind) or (0, 0))[1] > 6  # Java prints 0.0000001 as 1E-7
            return filled("athena_json_decimal(_0)", [printed]) if is_small else printed
        return filled("'\"' || _0 || '\"'", [printed])

    def _json_part(self, kind: exp.DataType) -> exp.Lambda:
        name = exp.to_identifier(f"part_{next(NUMBER_OF_PART)}", quoted=True)
        return exp.Lambda(this=self.json_text(name.copy(), kind), expressions=[name])

    def _json_object(self, value: exp.Expr, kind: exp.DataType) -> exp.Expr:
        key, element = kind.expressions
        if not key.is_type("boolean", *TEXT, *INTEGER):
            raise SqlError(f"a cast of {_shown(kind)} to json is not supported by the embedded engine")
        entry = "struct_pack(key := CAST(e.key AS VARCHAR), value := coalesce(_1(e.value), 'null'))"
        entries = f"list_sort(list_transform(map_entries(_0), lambda e: {entry}))"
        members = f"list_transform({entries}, lambda m: CAST(to_json(m.key) AS VARCHAR) || ':' || m.value)"
        text = f"CASE WHEN _0 IS NOT NULL THEN '{{' || coalesce(array_to_string({members}, ','), '') || '}}' END"
        return filled(text, [value, self._json_part(element)])

    def from_json(self, value: exp.Expr, to: exp.DataType) -> exp.Expr:
        """The text of JSON as a value; JSON's null is null."""
        if to.is_type("json"):
            return cast_to(value, "JSON")
        if to.is_type(*TEXT) and not to.expressions:
            return filled("athena_json_to_text(_0)", [value])
        if to.is_type("boolean"):
            return filled("athena_json_to_boolean(_0)", [value])
        if to.is_type("double", *INTEGER):
            function = "athena_json_to_double" if to.is_type("double") else "athena_json_to_bigint"
            return cast_to(filled(f"{function}(_0)", [value]), to)
        if to.is_type("array"):
            part = self._json_reader(to.expressions[0])
            return filled("list_transform(athena_json_items(_0), lambda x: _1(x))", [value, part])
        if to.is_type("map"):
            parts = [self._json_reader(part) for part in to.expressions]
            entry = "struct_pack(key := _1(e.k), value := _2(e.v))"
            return filled(f"map_from_entries(list_transform(athena_json_members(_0), lambda e: {entry}))",
                          [value, *parts])  # fmt: skip
        if to.is_type("struct"):
            fields = row_fields(to)
            parts = [self._json_reader(inner) for _, inner in fields]
            texts = [f"_{number}(r[{number}])" for number in range(1, len(parts) + 1)]
            names = _literal("\n".join(name for name, _ in fields))
            row = f"CASE WHEN r IS NOT NULL THEN {row_text(fields, texts)} END"
            return filled(f"list_transform([athena_json_fields(_0, {names})], lambda r: {row})[1]", [value, *parts])
        raise SqlError(f"a cast of json to {_shown(to)} is not supported by the embedded engine; cast to varchar first")

    def _json_reader(self, to: exp.DataType) -> exp.Lambda:
        name = exp.to_identifier(f"part_{next(NUMBER_OF_PART)}", quoted=True)
        return exp.Lambda(this=self.from_json(name.copy(), to), expressions=[name])


def row_text(fields: list[tuple[str, exp.DataType]], values: list[str]) -> str:
    """DuckDB's text of a row of values; raises SqlError where some fields have names and others none."""
    if not any(name for name, _ in fields):
        return f"row({', '.join(values)})"
    if not all(name for name, _ in fields):
        raise SqlError("a row of which some fields have names and others none is not supported by the embedded engine")
    named = [f'"{name}" := {value}' for (name, _), value in zip(fields, values, strict=True)]
    return f"struct_pack({', '.join(named)})"


def _json_name(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '":'


def _literal(text: str) -> str:
    return exp.Literal.string(text).sql(dialect="duckdb")


def _shown(kind: exp.DataType) -> str:
    return kind.sql(dialect="athena").lower()
