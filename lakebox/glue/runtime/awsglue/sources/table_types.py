"""Fits columns of files to the types that the catalog's table gives them; members of structs are matched by name."""

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, MapType, StringType, StructType

NESTED = (StructType, ArrayType, MapType)


def fitted(column: Column, have: DataType, want: DataType) -> Column:
    """The column as the wanted type. What does not fit is null; text that should be nested is read as JSON.

    have: the file's type, whose members of structs may come in another order, be missing, or be in another case.
    """
    if isinstance(want, StructType) and isinstance(have, StructType):
        members = {field.name.lower(): field for field in have.fields}
        values = [
            fitted(column.getField(found.name), found.dataType, field.dataType).alias(field.name)
            if (found := members.get(field.name.lower()))
            else F.lit(None).cast(field.dataType).alias(field.name)
            for field in want.fields
        ]
        return F.when(column.isNotNull(), F.struct(*values))
    if isinstance(want, ArrayType) and isinstance(have, ArrayType):
        return F.transform(column, lambda element: fitted(element, have.elementType, want.elementType))
    if isinstance(want, MapType) and isinstance(have, MapType):
        return F.transform_values(column, lambda _key, value: fitted(value, have.valueType, want.valueType))
    if isinstance(want, MapType) and isinstance(have, StructType):
        return F.from_json(F.to_json(column), want)  # type: ignore[arg-type]  # Spark takes maps, too
    if isinstance(want, NESTED):
        no_value = F.lit(None).cast(want)
        return F.from_json(column, want) if isinstance(have, StringType) else no_value  # type: ignore[arg-type]
    if isinstance(have, NESTED):
        return F.to_json(column) if isinstance(want, StringType) else F.lit(None).cast(want)
    return column.cast(want)
