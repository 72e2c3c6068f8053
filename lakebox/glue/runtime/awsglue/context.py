"""`GlueContext`: reads and writes DynamicFrames; it acts as Spark's SQLContext, too.

Source: AWS Glue, "GlueContext class".
"""

import time
from typing import Any

from pyspark.context import SparkContext
from pyspark.sql import DataFrame, SparkSession, SQLContext

from .dynamicframe import DynamicFrame, DynamicFrameReader, DynamicFrameWriter
from .sources.catalog import purge, table_of
from .sources.formats import UnsupportedError
from .sources.jdbc import jdbc_conf
from .sources.readers import frame_from_catalog, frame_from_options
from .sources.sinks import Sink


class GlueContext(SQLContext):
    """The entry point of a Glue script. Unknown arguments of its methods are ignored, as Glue ignores them."""

    def __init__(self, sparkContext: SparkContext | None = None, **_: Any) -> None:
        context = sparkContext or SparkContext.getOrCreate()
        self._session = SparkSession.builder.getOrCreate()
        super().__init__(context, self._session)
        self.create_dynamic_frame = DynamicFrameReader(self)
        self.create_data_frame = _DataFrameReader(self)
        self.write_dynamic_frame = DynamicFrameWriter(self)
        self.write_data_frame = DynamicFrameWriter(self)

    @property
    def spark_session(self) -> SparkSession:
        """The Spark session."""
        return self._session

    def get_logger(self) -> Any:
        """Spark's logger: `info`, `warn`, `error`."""
        return self._session._jvm.org.apache.log4j.LogManager.getLogger("GlueLogger")  # type: ignore[union-attr]

    def create_dynamic_frame_from_options(self, connection_type: str, *args: Any, **kwargs: Any) -> DynamicFrame:
        """The older name of create_dynamic_frame.from_options."""
        return self.create_dynamic_frame.from_options(connection_type, *args, **kwargs)

    def create_dynamic_frame_from_catalog(
        self, database: str, table_name: str, *args: Any, **kwargs: Any
    ) -> DynamicFrame:
        """The older name of create_dynamic_frame.from_catalog."""
        return self.create_dynamic_frame.from_catalog(database, table_name, *args, **kwargs)

    def create_dynamic_frame_from_rdd(self, data: Any, name: str, *args: Any, **kwargs: Any) -> DynamicFrame:
        """The older name of create_dynamic_frame.from_rdd."""
        return self.create_dynamic_frame.from_rdd(data, name, *args, **kwargs)

    def create_data_frame_from_options(self, connection_type: str, *args: Any, **kwargs: Any) -> DataFrame:
        """The older name of create_data_frame.from_options."""
        return self.create_data_frame.from_options(connection_type, *args, **kwargs)

    def create_data_frame_from_catalog(self, database: str, table_name: str, *args: Any, **kwargs: Any) -> DataFrame:
        """The older name of create_data_frame.from_catalog."""
        return self.create_data_frame.from_catalog(database, table_name, *args, **kwargs)

    def write_dynamic_frame_from_options(self, frame: DynamicFrame, *args: Any, **kwargs: Any) -> DynamicFrame:
        """The older name of write_dynamic_frame.from_options."""
        written: DynamicFrame = self.write_dynamic_frame.from_options(frame, *args, **kwargs)
        return written

    def write_dynamic_frame_from_catalog(self, frame: DynamicFrame, *args: Any, **kwargs: Any) -> DynamicFrame:
        """The older name of write_dynamic_frame.from_catalog."""
        written: DynamicFrame = self.write_dynamic_frame.from_catalog(frame, *args, **kwargs)
        return written

    write_data_frame_from_catalog = write_dynamic_frame_from_catalog
    write_data_frame_from_options = write_dynamic_frame_from_options
    write_from_options = write_dynamic_frame_from_options

    def create_sample_dynamic_frame_from_options(
        self,
        connection_type: str,
        connection_options: dict[str, Any] | None = None,
        num: int | None = None,
        sample_options: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> DynamicFrame:
        """The first `num` records of files."""
        return self.create_dynamic_frame.from_options(connection_type, connection_options, *args, **kwargs).limited(num)

    def create_sample_dynamic_frame_from_catalog(
        self, database: str, table_name: str, num: int | None = None, *args: Any, **kwargs: Any
    ) -> DynamicFrame:
        """The first `num` records of a table."""
        return self.create_dynamic_frame.from_catalog(database, table_name, *args, **kwargs).limited(num)

    def getSource(self, connection_type: str, transformation_ctx: str = "", **options: Any) -> "DataSource":
        """A source, to be given a format; getFrame reads it."""
        return DataSource(self, connection_type, transformation_ctx, options)

    def getSink(self, connection_type: str, format: str | None = None, **options: Any) -> Sink:
        """A sink on S3, to be given a format and a table of the catalog; writeFrame writes to it."""
        return Sink(self, connection_type, options, format)

    def purge_s3_path(self, s3_path: str, options: dict[str, Any] | None = None, **_: Any) -> None:
        """Delete the files below a path that are older than retentionPeriod hours (default 168)."""
        purge(self._session, s3_path, options or {})

    def purge_table(self, database: str, table_name: str, options: dict[str, Any] | None = None, **_: Any) -> None:
        """Delete the files of a table, as purge_s3_path does; the table stays in the catalog."""
        purge(self._session, table_of(database, table_name).location, options or {})

    def write_dynamic_frame_from_jdbc_conf(self, frame: DynamicFrame, *args: Any, **kwargs: Any) -> DynamicFrame:
        """The older name of write_dynamic_frame.from_jdbc_conf."""
        written: DynamicFrame = self.write_dynamic_frame.from_jdbc_conf(frame, *args, **kwargs)
        return written

    def extract_jdbc_conf(self, connection_name: str, catalog_id: str | None = None) -> dict[str, Any]:
        """A connection of the catalog: user, password, vendor, url (of the server), fullUrl (with the database)."""
        return jdbc_conf(connection_name)

    def currentTimeMillis(self) -> int:
        """Milliseconds since 1970."""
        return int(time.time() * 1000)

    def __getattr__(self, name: str) -> Any:
        if name in REFUSED:
            raise UnsupportedError(f"GlueContext.{name} is not supported by lakebox: {REFUSED[name]}")
        raise AttributeError(name)


REFUSED = {
    "forEachBatch": "streaming jobs need AWS",
    "getSampleStreamingDynamicFrame": "streaming jobs need AWS",
    "transition_s3_path": "the embedded S3 has one storage class",
    "transition_table": "the embedded S3 has one storage class",
    "start_transaction": "governed tables are gone from AWS; use Iceberg",
    "commit_transaction": "governed tables are gone from AWS; use Iceberg",
    "cancel_transaction": "governed tables are gone from AWS; use Iceberg",
}


class DataSource:
    """What glueContext.getSource gives: setFormat, getFrame."""

    def __init__(
        self, glue_context: GlueContext, connection_type: str, transformation_ctx: str, options: dict[str, Any]
    ) -> None:
        self._context, self._type, self._ctx, self._options = glue_context, connection_type, transformation_ctx, options
        self._format: str | None = None
        self._format_options: dict[str, Any] = {}

    def setFormat(self, format: str, **options: Any) -> None:
        """The format of the files; its options by name."""
        self._format, self._format_options = format, options

    def getFrame(self, **options: Any) -> DynamicFrame:
        """What is read, as a DynamicFrame."""
        read = self._context.create_dynamic_frame.from_options
        return read(self._type, {**self._options, **options}, self._format, self._format_options, self._ctx)


class _DataFrameReader:
    """`glueContext.create_data_frame`: the same reads, as DataFrames."""

    def __init__(self, glue_context: GlueContext) -> None:
        self._context = glue_context

    def from_catalog(self, database: str, table_name: str, **options: Any) -> DataFrame:
        """A table of the catalog."""
        return frame_from_catalog(self._context.spark_session, database, table_name, options)

    def from_options(self, connection_type: str, connection_options: dict[str, Any], **options: Any) -> DataFrame:
        """Files on S3."""
        return frame_from_options(self._context.spark_session, connection_type, connection_options, options)
