"""Iceberg tables of the Data Catalog, read and written by Iceberg itself through the Spark catalog `glue_catalog`.

Source: AWS Glue, "Using the Iceberg framework in AWS Glue".
"""

from collections.abc import Mapping
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from .formats import UnsupportedError, is_loadable

CATALOG = "spark.sql.catalog.glue_catalog"
SETTINGS = {
    CATALOG: "org.apache.iceberg.spark.SparkCatalog",
    f"{CATALOG}.catalog-impl": "org.apache.iceberg.aws.glue.GlueCatalog",
    f"{CATALOG}.io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
}


def read_table(spark: SparkSession, database: str, name: str, options: Mapping[str, Any]) -> DataFrame:
    """An Iceberg table. additional_options are Iceberg's own read options (snapshot-id, as-of-timestamp, …)."""
    reader = spark.read.format("iceberg").options(**options.get("additional_options") or {})
    frame = reader.load(_identifier(spark, database, name))
    predicate = options.get("push_down_predicate")
    return frame.filter(predicate) if predicate else frame


def append_rows(frame: DataFrame, database: str, name: str, options: Mapping[str, Any]) -> None:
    """Add rows to an Iceberg table as one snapshot, by the names of their columns. options: Iceberg's write options."""
    written = {key: str(value) for key, value in options.items()}
    frame.writeTo(_identifier(frame.sparkSession, database, name)).options(**written).append()


def _identifier(spark: SparkSession, database: str, name: str) -> str:
    """The table's name in `glue_catalog`, which is set up here where the job has not done so itself."""
    if not is_loadable(spark, SETTINGS[CATALOG]):
        text = f"{database}.{name} is an Iceberg table: run the job with --datalake-formats iceberg, as on AWS"
        raise UnsupportedError(text)
    if not spark.conf.get(CATALOG, ""):
        for setting, value in SETTINGS.items():
            spark.conf.set(setting, value)
    return f"glue_catalog.`{database}`.`{name}`"
