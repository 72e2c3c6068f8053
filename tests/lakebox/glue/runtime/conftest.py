"""A GlueContext over the session's Spark."""

from typing import Any

import pytest
from pyspark.sql import SparkSession

from lakebox.glue.runtime.awsglue.context import GlueContext
from lakebox.glue.runtime.awsglue.dynamicframe import DynamicFrame


@pytest.fixture(scope="session")
def glue(spark: SparkSession) -> GlueContext:
    """A context."""
    return GlueContext(spark.sparkContext)


@pytest.fixture
def frame_of(glue: GlueContext) -> Any:
    """Makes a DynamicFrame of rows and a schema in DDL."""

    def make(rows: list[Any], schema: str) -> DynamicFrame:
        return DynamicFrame.fromDF(glue.spark_session.createDataFrame(rows, schema), glue, "frame")

    return make
