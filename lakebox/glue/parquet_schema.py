"""The catalog's types for those of Parquet files."""

from collections.abc import Callable

import pyarrow as pa

ARROW_TYPES: tuple[tuple[Callable[[pa.DataType], bool], str], ...] = (
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_int8, "tinyint"),
    (pa.types.is_int16, "smallint"),
    (lambda kind: pa.types.is_int32(kind) or pa.types.is_uint16(kind) or pa.types.is_uint8(kind), "int"),
    (lambda kind: pa.types.is_int64(kind) or pa.types.is_uint32(kind), "bigint"),
    (pa.types.is_uint64, "decimal(20,0)"),
    (lambda kind: pa.types.is_float32(kind) or pa.types.is_float16(kind), "float"),
    (pa.types.is_float64, "double"),
    (lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind), "string"),
    (lambda kind: pa.types.is_binary(kind) or pa.types.is_large_binary(kind), "binary"),
    (lambda kind: pa.types.is_fixed_size_binary(kind), "binary"),
    (pa.types.is_date, "date"),
    (pa.types.is_timestamp, "timestamp"),
)


def hive_type_of_arrow(kind: pa.DataType) -> str | None:
    """The catalog's type for one of a Parquet file; None where it has none."""
    if pa.types.is_dictionary(kind):
        return hive_type_of_arrow(kind.value_type)
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if pa.types.is_map(kind):
        return _nested("map<{},{}>", kind.key_type, kind.item_type)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _nested("array<{}>", kind.value_type)
    if pa.types.is_struct(kind):
        fields = [kind.field(number) for number in range(kind.num_fields)]
        pattern = "struct<" + ",".join(f"{field.name}:{{}}" for field in fields) + ">"
        return _nested(pattern, *(field.type for field in fields))
    return next((name for is_kind, name in ARROW_TYPES if is_kind(kind)), None)


def _nested(pattern: str, *kinds: pa.DataType) -> str | None:
    names = [hive_type_of_arrow(kind) for kind in kinds]
    return None if None in names else pattern.format(*names)
