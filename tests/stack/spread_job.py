"""Where a job's tasks run: prints hosts of its tasks, partitions that a shuffle of some MB is cut into, executor memory.

Run by test_spark.py inside the stack.
"""

import socket
import time
from collections.abc import Iterator

from pyspark.sql import SparkSession
from pyspark.sql import functions as F


def main() -> None:
    spark = SparkSession.builder.appName("spread").getOrCreate()
    tasks = spark.sparkContext.parallelize(range(12), 12)
    print("hosts:", len(set(tasks.mapPartitions(host_of_a_worker).collect())))
    shuffled = spark.range(3_000_000).repartition("id")
    print("shuffle partitions:", shuffled.select(F.spark_partition_id()).distinct().count())
    print("executor memory:", spark.sparkContext._jsc.sc().executorMemory(), "MB")


def host_of_a_worker(_: Iterator[int]) -> Iterator[str]:
    """The container that a task runs in; it takes long enough for each worker to get one."""
    time.sleep(1)
    yield socket.gethostname()


if __name__ == "__main__":
    main()
