"""Formats of files, as Glue's format_options name their settings, read and written by Spark.

Source: AWS Glue, "Data format options for inputs and outputs in AWS Glue for Spark".
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame, DataFrameReader, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, IntegerType, LongType, StructField, StructType

from .choice_types import with_choices
from .field_order import in_file_order

REFUSED = {
    "xml": "convert it to JSON first, or run the job on AWS",
    "grokLog": "read it as text (spark.read.text) and use regexp_extract",
    "ion": "convert it to JSON first, or run the job on AWS",
    "iceberg": "use frame.writeTo('glue_catalog.database.table') and spark.table(…), or from_catalog",
    "hudi": "use Iceberg (--datalake-formats iceberg)",
    "delta": "use Iceberg (--datalake-formats iceberg)",
}
FORMATS = ("csv", "json", "parquet", "glueparquet", "orc", "avro")
ELEMENTS = "[]"  # a list's elements, in a path of names
INT_RANGE = (-(2**31), 2**31 - 1)


class UnsupportedError(NotImplementedError):
    """Something of Glue's library that lakebox doesn't have; the message says what to use instead."""


def check_format(name: str) -> str:
    """Spark's name of a format. Raises UnsupportedError, which names what to use instead."""
    if name not in FORMATS:
        advice = REFUSED.get(name, f"lakebox reads and writes {', '.join(FORMATS)}")
        raise UnsupportedError(f"format={name!r} is not supported by lakebox: {advice}")
    return "parquet" if name == "glueparquet" else name


def is_loadable(spark: SparkSession, class_name: str) -> bool:
    """Whether Spark's JVM has a class."""
    jvm: Any = spark._jvm
    return bool(jvm.org.apache.spark.util.Utils.classIsLoadable(class_name))


def _check_avro(spark: SparkSession) -> None:
    """Raise UnsupportedError where the run was started without Avro, as the first one is that doesn't name it."""
    if not is_loadable(spark, "org.apache.spark.sql.avro.AvroFileFormat"):
        text = "Avro's jar is fetched for the first job that names it: put the word avro into the script, as a comment"
        raise UnsupportedError(text)


def read_files(spark: SparkSession, paths: Sequence[str], format_name: str, options: Mapping[str, Any]) -> DataFrame:
    """Files as a DataFrame with Glue's types: csv gives strings, json ints where all values fit.

    options: Glue's format_options; `columns` are those of a catalog's table: a CSV's fields are these in their order,
    and the table knows the types of the others. Paths without files give no rows, and no columns where there are no
    others, as on Glue.
    """
    name = check_format(format_name)
    try:
        return _read(spark, paths, name, options) if paths else spark.createDataFrame([], StructType([]))
    except AnalysisException as error:
        if error.getErrorClass() == "PATH_NOT_FOUND":
            there = [path for path in paths if _exists(spark, path)]
            if len(there) < len(paths):
                return read_files(spark, there, format_name, options)
        if error.getErrorClass() in ("PATH_NOT_FOUND", "UNABLE_TO_INFER_SCHEMA"):
            return spark.createDataFrame([], StructType([]))
        raise


def _exists(spark: SparkSession, path: str) -> bool:
    """Whether there is a file or folder at a path, or one that its wildcards match."""
    jvm: Any = spark._jvm
    place = jvm.org.apache.hadoop.fs.Path(path)
    return bool(place.getFileSystem(spark._jsc.hadoopConfiguration()).globStatus(place))


def _read(spark: SparkSession, paths: Sequence[str], name: str, options: Mapping[str, Any]) -> DataFrame:
    settings = {"recursiveFileLookup": options.get("recurse", False)}
    reader = spark.read.options(**settings)
    if name == "csv":
        return _read_csv(reader, paths, options)
    if name == "json":
        multiline = is_true(options.get("multiline", options.get("multiLine", False)))
        frame = _without_corrupt(reader.option("multiLine", multiline).json(list(paths)))
        if "columns" in options:
            return frame
        schema = in_file_order(frame.schema, spark.read.options(**settings), paths, multiline)
        frame = spark.read.options(**settings).option("multiLine", multiline).schema(schema).json(list(paths))
        path = str(options.get("jsonPath", ""))
        return with_ints(_at_path(frame, path) if path or multiline else with_choices(spark, frame, paths))
    if name == "avro":
        _check_avro(spark)
    return reader.option("mergeSchema", "columns" in options).format(name).load(list(paths))


def _without_corrupt(frame: DataFrame) -> DataFrame:
    """A frame of JSON without Spark's column of broken records, where it has others."""
    return frame.drop("_corrupt_record") if len(frame.columns) > 1 else frame


def write_files(frame: DataFrame, path: str, format_name: str, options: Mapping[str, Any], keys: Sequence[str]) -> None:
    """Add files below a path; Glue never replaces what is there."""
    name = check_format(format_name)
    if name == "avro":
        _check_avro(frame.sparkSession)
    writer = frame.write.mode("append").partitionBy(*keys)
    if options.get("compression"):
        writer = writer.option("compression", options["compression"])
    if name == "csv":
        quote = options.get("quoteChar", '"')
        writer = writer.option("sep", options.get("separator", ",")).option("emptyValue", "")
        writer = writer.option("header", is_true(options.get("writeHeader", True)))
        writer = writer.option("quote", "" if str(quote) == "-1" else quote).option("escape", quote)
    is_bucket = path.partition("://")[1] and "/" not in path.partition("://")[2]
    writer.format(name).save(f"{path}/" if is_bucket else path)  # S3A's committer wants an absolute path


def is_true(value: Any) -> bool:
    """A setting that may be written as text."""
    return value is True or str(value).lower() == "true"


def with_ints(frame: DataFrame) -> DataFrame:
    """The frame with its whole numbers as int where all of them fit, as Glue's JSON reader types them."""
    paths = list(_long_paths(frame.schema, ()))
    if not paths:
        return frame
    low = [_extreme(F.col(f"`{name}`"), rest, F.array_min) for name, *rest in paths]
    high = [_extreme(F.col(f"`{name}`"), rest, F.array_max) for name, *rest in paths]
    extremes = frame.agg(*[F.min(column) for column in low], *[F.max(column) for column in high]).collect()[0]
    bounds = zip(paths, extremes[: len(paths)], extremes[len(paths) :], strict=True)
    fitting = {
        path
        for path, least, greatest in bounds
        if least is None or (least >= INT_RANGE[0] and greatest <= INT_RANGE[1])
    }
    kinds = {field.name: _retyped(field.dataType, (field.name,), fitting) for field in frame.schema.fields}
    return frame.select(
        *[
            F.col(f"`{field.name}`").cast(kinds[field.name]).alias(field.name, metadata=field.metadata)
            for field in frame.schema.fields
        ]
    )


def _read_csv(reader: DataFrameReader, paths: Sequence[str], options: Mapping[str, Any]) -> DataFrame:
    quote = options.get("quoteChar", '"')
    names_first, skips_first = is_true(options.get("withHeader", False)), is_true(options.get("skipFirst", False))
    if names_first and skips_first:
        raise UnsupportedError("skipFirst together with withHeader is not supported by lakebox: filter the line out")
    settings = {
        "header": names_first or skips_first,
        "sep": options.get("separator", ","),
        "quote": "" if str(quote) == "-1" else quote,
        "escape": options.get("escaper") or '"',
        "multiLine": is_true(options.get("multiLine", options.get("multiline", False))),
        "encoding": options.get("encoding", "UTF-8"),
    }
    if "columns" in options:
        return (
            reader.options(**settings)
            .schema(", ".join(f"`{name}` string" for name in options["columns"]))
            .csv(list(paths))
        )
    frame = reader.options(**settings).csv(list(paths))
    if names_first:
        return _with_blank_name(frame)
    return frame.toDF(*[f"col{number}" for number in range(len(frame.columns))])


def _with_blank_name(frame: DataFrame) -> DataFrame:
    """A CSV's columns, those whose header is empty as one without a name, the last of them, as on Glue.

    Spark calls the third column `_c2`, where its header is empty.
    """
    *others, last = [None] + [name for number, name in enumerate(frame.columns) if name == f"_c{number}"]
    return frame if last is None else frame.drop(*filter(None, others)).withColumnRenamed(last, "")


def _at_path(frame: DataFrame, json_path: str) -> DataFrame:
    """The records that a jsonPath names: `$.items[*]` and the like, plain members and one list at the end."""
    for step in json_path.removeprefix("$").strip(".").split("."):
        name, _, is_list = step.partition("[")
        if name:
            frame = frame.select(F.col(f"`{name}`").alias("record"))
        if is_list:
            frame = frame.select(F.explode("record").alias("record"))
        if name or is_list:
            kind = frame.schema["record"].dataType
            frame = frame.select("record.*") if isinstance(kind, StructType) else frame
    return frame


def _long_paths(kind: DataType, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Where the long numbers are: the names of the fields on the way, ELEMENTS for those of a list."""
    if isinstance(kind, LongType):
        yield above
    elif isinstance(kind, ArrayType):
        yield from _long_paths(kind.elementType, (*above, ELEMENTS))
    elif isinstance(kind, StructType):
        for field in kind.fields:
            yield from _long_paths(field.dataType, (*above, field.name))


def _extreme(value: Column, path: Sequence[str], of_list: Callable[[Column], Column]) -> Column:
    """The least or greatest number at a path in one row, by the function that gives that of a list."""
    if not path:
        return value
    if path[0] == ELEMENTS:
        return of_list(F.transform(value, lambda element: _extreme(element, path[1:], of_list)))
    return _extreme(value.getField(path[0]), path[1:], of_list)


def _retyped(kind: DataType, path: tuple[str, ...], ints: set[tuple[str, ...]]) -> DataType:
    if isinstance(kind, ArrayType):
        return ArrayType(_retyped(kind.elementType, (*path, ELEMENTS), ints), kind.containsNull)
    if isinstance(kind, StructType):
        fields = [(one.name, _retyped(one.dataType, (*path, one.name), ints), one.nullable) for one in kind.fields]
        return StructType([StructField(*field) for field in fields])
    return IntegerType() if path in ints else kind
