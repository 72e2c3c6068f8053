"""Choice types: a field that is a number in one record and text in another keeps both, until a script resolves it.

So it is with fields of JSON Lines, and with columns of numbers that the catalog has for files of CSV or JSON. A choice
is a struct with a member a type (`int`, `string`), one of which has the value; the field's metadata marks it.
Spark's own readers would make text or null of such values. Source: AWS Glue, "ResolveChoice class".
"""

import json
from collections.abc import Sequence
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, StringType, StructField

MARK = "awsglue.choice"
TYPES = {"boolean": "boolean", "int": "int", "long": "bigint", "double": "double", "string": "string"}
NUMBER_OR_FLAG = r"^(-?\d+(\.\d+)?([eE][-+]?\d+)?|true|false)$"
INT_END = 2**31
TABLE_TYPES = {
    "tinyint": "byte", "smallint": "short", "int": "int", "bigint": "long",
    "float": "float", "double": "double", "boolean": "boolean",
}  # fmt: skip


def is_choice(field: StructField) -> bool:
    """Whether a column holds several types."""
    return bool((field.metadata or {}).get(MARK))


def with_choices(spark: SparkSession, frame: DataFrame, paths: Sequence[str]) -> DataFrame:
    """A frame of JSON Lines, its text columns that hold other types as well made choices."""
    texts = [field.name for field in frame.schema.fields if isinstance(field.dataType, StringType)]
    names = _mixed(frame, texts)
    if not names:
        return frame
    lines = spark.read.text(list(paths)).filter(F.length(F.trim("value")) > 0)
    kinds = F.udf(lambda line: _kinds(line, names), ArrayType(StringType()))
    parsed = lines.select(F.from_json("value", frame.schema).alias("row"), kinds("value").alias("kinds")).cache()
    found = parsed.agg(*[F.collect_set(F.col("kinds")[number]) for number in range(len(names))]).collect()[0]
    columns = []
    for field in frame.schema.fields:
        value = F.col("row").getField(field.name)
        present = set(found[names.index(field.name)]) - {"null"} if field.name in names else set()
        if "string" in present and len(present) > 1:
            value = _choice(value, F.col("kinds")[names.index(field.name)], present)
            columns.append(value.alias(field.name, metadata={MARK: True}))
        else:
            columns.append(value.alias(field.name))
    return parsed.select(*columns)


def choices_of_table(files: DataFrame, columns: Sequence[tuple[str, str]]) -> dict[str, Column]:
    """The choices among a catalog table's columns (name, type): those of numbers or flags with values that are neither.

    files: the rows as the files have them, in which such a column is text
    """
    texts = {field.name.lower(): field.name for field in files.schema.fields if isinstance(field.dataType, StringType)}
    typed = {name: kind for name, kind in columns if kind in TABLE_TYPES and name.lower() in texts}
    if not typed:
        return {}
    values = {name: F.col(f"`{texts[name.lower()]}`") for name in typed}
    numbers = {name: value.cast(typed[name]) for name, value in values.items()}
    others = {name: F.when(numbers[name].isNull() & (F.trim(value) != ""), value) for name, value in values.items()}
    counts = files.agg(*[F.count(other) for other in others.values()]).collect()[0]
    choices = {}
    for (name, other), count in zip(others.items(), counts, strict=True):
        if count:
            members = F.struct(numbers[name].alias(TABLE_TYPES[typed[name]]), other.alias("string"))
            choice = F.when(numbers[name].isNotNull() | other.isNotNull(), members)
            choices[name] = choice.alias(name, metadata={MARK: True})
    return choices


def resolved(column: Column, field: StructField, type_name: str) -> Column:
    """A choice as one type: whichever member has the value, cast; what can't be cast is null."""
    members = [column.getField(name).cast("string") for name in field.dataType.names]  # type: ignore[attr-defined]
    return F.coalesce(*members).cast(type_name)


def _mixed(frame: DataFrame, names: Sequence[str]) -> list[str]:
    """The text columns of which some values look like numbers or flags, and others don't."""
    if not names:
        return []
    looks = {name: F.col(f"`{name}`").rlike(NUMBER_OR_FLAG) for name in names}
    asked = [F.count_if(look) for look in looks.values()] + [F.count_if(~look) for look in looks.values()]
    counts = frame.agg(*asked).collect()[0]
    return [name for number, name in enumerate(names) if counts[number] and counts[number + len(names)]]


def _choice(value: Column, kind: Column, present: set[str]) -> Column:
    if "long" in present and "int" in present:
        kind, present = F.when(kind == "int", "long").otherwise(kind), present - {"int"}
    members = [F.when(kind == name, value.cast(TYPES[name])).alias(name) for name in TYPES if name in present]
    return F.when(value.isNotNull(), F.struct(*members))


def _kinds(line: str, names: Sequence[str]) -> list[str]:
    try:
        record: Any = json.loads(line)
    except ValueError:
        record = {}
    return [_kind(record.get(name)) if isinstance(record, dict) else "null" for name in names]


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "int" if -INT_END <= value < INT_END else "long"
    return "double" if isinstance(value, float) else "string"
