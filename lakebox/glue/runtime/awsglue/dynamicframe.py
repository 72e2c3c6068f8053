"""`DynamicFrame`: a named Spark DataFrame with Glue's methods, and the readers and writers that give and take them.

Source: AWS Glue, "DynamicFrame class", "DynamicFrameReader class", "DynamicFrameWriter class".
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from .collection import DynamicFrameCollection
from .sources.catalog import ICEBERG, table_of
from .sources.formats import UnsupportedError
from .sources.iceberg import append_rows
from .sources.jdbc import DRIVERS, of_connection, write_jdbc
from .sources.readers import frame_from_catalog, frame_from_options
from .sources.sinks import write
from .transforms.methods import METHODS


class DynamicFrame:
    """Rows of a Spark DataFrame; `glue_ctx` is the context that they belong to."""

    def __init__(self, frame: DataFrame, glue_ctx: Any, name: str = "") -> None:
        self._frame, self.glue_ctx, self.name = frame, glue_ctx, name

    @classmethod
    def fromDF(cls, dataframe: DataFrame, glue_ctx: Any, name: str = "") -> "DynamicFrame":
        """A DataFrame as a DynamicFrame; of columns of one name (after a join, say) the first is kept."""
        names = [column.lower() for column in dataframe.columns]
        if len(set(names)) < len(names):
            unique = dataframe.toDF(*[f"{number}" for number in range(len(names))])
            first = [number for number, column in enumerate(names) if names.index(column) == number]
            dataframe = unique.select(*[F.col(f"{number}").alias(dataframe.columns[number]) for number in first])
        return cls(dataframe, glue_ctx, name)

    def toDF(self, options: Any = None) -> DataFrame:
        """The rows as a DataFrame."""
        return self._frame

    def count(self) -> int:
        """How many rows there are."""
        return self._frame.count()

    def show(self, num_rows: int = 20) -> None:
        """Print rows as JSON, a row a line, as Glue does."""
        for line in self._frame.limit(num_rows).toJSON().collect():
            print(line)

    def schema(self) -> Any:
        """Spark's schema of the rows."""
        return self._frame.schema

    def printSchema(self) -> None:
        """Print the schema as Glue does: a tree without `nullable`."""
        tree = self._frame._jdf.schema().treeString()
        for line in tree.strip().splitlines():
            print(
                re.sub(r" \((nullable|valueContainsNull|containsNull) = \w+\)$", "", line).replace(": integer", ": int")
            )

    def errorsCount(self) -> int:
        """Rows that a transform could not take: none, as they raise."""
        return 0

    stageErrorsCount = errorsCount

    def limited(self, count: int | None) -> "DynamicFrame":
        """The first records, at most so many; all where no number is given."""
        return self if count is None else self.with_frame(self._frame.limit(count))

    def repartition(self, num_partitions: int, *_: Any, **__: Any) -> "DynamicFrame":
        """The same rows in so many Spark partitions."""
        return self.with_frame(self._frame.repartition(num_partitions))

    def coalesce(self, num_partitions: int, *_: Any, **__: Any) -> "DynamicFrame":
        """The same rows in at most so many Spark partitions."""
        return self.with_frame(self._frame.coalesce(num_partitions))

    def union(self, other_frame: "DynamicFrame", *_: Any, **__: Any) -> "DynamicFrame":
        """The rows of both; a column that one lacks is null there."""
        return self.with_frame(self._frame.unionByName(other_frame.toDF(), allowMissingColumns=True))

    def getNumPartitions(self) -> int:
        """How many Spark partitions there are."""
        return self._frame.rdd.getNumPartitions()

    def write(self, connection_type: str, *args: Any, **kwargs: Any) -> Any:
        """Write the rows, as write_dynamic_frame.from_options does."""
        return self.glue_ctx.write_dynamic_frame.from_options(self, connection_type, *args, **kwargs)

    def mergeDynamicFrame(
        self, stage_dynamic_frame: "DynamicFrame", primary_keys: list[str], *_: Any, **__: Any
    ) -> "DynamicFrame":
        """The staged rows, and those of this frame whose key no staged row has."""
        rest = self._frame.join(stage_dynamic_frame.toDF(), on=primary_keys, how="left_anti")
        return self.with_frame(stage_dynamic_frame.toDF().unionByName(rest, allowMissingColumns=True))

    def with_frame(self, frame: DataFrame) -> "DynamicFrame":
        """A frame of this name and context with other rows."""
        return DynamicFrame(frame, self.glue_ctx, self.name)

    def __getattr__(self, name: str) -> Any:
        method = METHODS.get(name)
        if method is None:
            raise AttributeError(f"DynamicFrame has no {name!r} in lakebox; use toDF() and Spark's functions")
        return lambda *args, **kwargs: method(self, *args, **kwargs)


class DynamicFrameReader:
    """`glueContext.create_dynamic_frame`. Arguments that it does not know are ignored, as Glue ignores them."""

    def __init__(self, glue_context: Any) -> None:
        self._context = glue_context

    def from_options(
        self,
        connection_type: str,
        connection_options: Mapping[str, Any] | None = None,
        format: str | None = None,
        format_options: Mapping[str, Any] | None = None,
        transformation_ctx: str = "",
        **_: Any,
    ) -> DynamicFrame:
        """Files below `paths`, in a format."""
        options = {"format": format, "format_options": format_options, "transformation_ctx": transformation_ctx}
        frame = frame_from_options(self._context.spark_session, connection_type, connection_options or {}, options)
        return DynamicFrame(frame, self._context, transformation_ctx)

    def from_catalog(
        self,
        database: str | None = None,
        table_name: str | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **options: Any,
    ) -> DynamicFrame:
        """A table of the catalog; `name_space` is another name of `database`."""
        database = database or options.get("name_space")
        if not database or not table_name:
            raise ValueError("from_catalog needs database= and table_name=")
        chosen = {
            "transformation_ctx": transformation_ctx,
            "push_down_predicate": push_down_predicate,
            "additional_options": options.get("additional_options"),
            "choices": True,
        }
        frame = frame_from_catalog(self._context.spark_session, database, table_name, chosen)
        return DynamicFrame(frame, self._context, transformation_ctx)

    def from_rdd(
        self, data: Any, name: str, schema: Any = None, sampleRatio: float | None = None, **_: Any
    ) -> DynamicFrame:
        """Rows or dictionaries of an RDD."""
        rows = data.map(lambda row: Row(**row) if isinstance(row, dict) else row)
        frame = self._context.spark_session.createDataFrame(rows, schema, samplingRatio=sampleRatio)
        return DynamicFrame(frame, self._context, name)


class DynamicFrameWriter:
    """`glueContext.write_dynamic_frame`. Arguments that it does not know are ignored, as Glue ignores them."""

    def __init__(self, glue_context: Any) -> None:
        self._context = glue_context

    def from_options(
        self,
        frame: Any,
        connection_type: str,
        connection_options: Mapping[str, Any] | None = None,
        format: str | None = None,
        format_options: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> Any:
        """Write below `path`, in folders by `partitionKeys`; returns what was written."""
        options = dict(connection_options or {})
        if connection_type in DRIVERS or connection_type == "jdbc":
            write_jdbc(frame.toDF() if isinstance(frame, DynamicFrame) else frame, options)
            return frame
        if connection_type not in ("s3", "file"):
            raise UnsupportedError(f"connection_type={connection_type!r} is not supported by lakebox: write to s3")
        keys: Iterable[str] = options.get("partitionKeys") or []
        settings = {**options, **(format_options or {})}
        for one in frame.values() if isinstance(frame, DynamicFrameCollection) else [frame]:
            rows = one.toDF() if isinstance(one, DynamicFrame) else one
            write(rows, options["path"], format or "parquet", settings, None, list(keys))
        return frame

    def from_jdbc_conf(
        self, frame: Any, catalog_connection: str, connection_options: Mapping[str, Any] | None = None, **_: Any
    ) -> Any:
        """Add rows to a table of a database that a connection of the catalog names."""
        options = of_connection(catalog_connection, connection_options or {})
        return self.from_options(frame, "jdbc", options)

    def from_catalog(
        self, frame: Any, database: str | None = None, table_name: str | None = None, **options: Any
    ) -> Any:
        """Add rows to a table of the catalog, at its location and in its format; new partitions are registered."""
        table = table_of(str(database or options.get("name_space")), str(table_name))
        more = options.get("additional_options") or {}
        rows = frame.toDF() if isinstance(frame, DynamicFrame) else frame
        if table.format == ICEBERG:
            append_rows(rows, table.database, table.name, more)
            return frame
        if table.format in DRIVERS:
            write_jdbc(rows, {**table.format_options, **more})
            return frame
        keys = list(more.get("partitionKeys") or table.key_names)
        write(rows, table.location, table.format, {**table.format_options, **more}, (table.database, table.name), keys)
        return frame
