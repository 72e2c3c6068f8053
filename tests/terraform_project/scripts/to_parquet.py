"""Raw orders as Parquet."""

import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

arguments = getResolvedOptions(sys.argv, ["JOB_NAME", "bucket", "stage"])
glue = GlueContext(SparkContext.getOrCreate())
job = Job(glue)
job.init(arguments["JOB_NAME"], arguments)
orders = glue.create_dynamic_frame.from_options(
    connection_type="s3",
    connection_options={"paths": [f"s3://{arguments['bucket']}/raw/orders/"]},
    format="csv",
    format_options={"withHeader": True},
)
typed = orders.apply_mapping([("order_id", "string", "order_id", "bigint"), ("amount", "string", "amount", "double")])
typed.toDF().write.mode("overwrite").parquet(f"s3://{arguments['bucket']}/curated/orders/")
job.commit()
