"""Rows of tables as the cluster's Spark reads them through the metastore, a JSON object a line: table, rows.

Run by test_same_results.py inside the stack; arguments: queries, a table's name and `=` before each.
"""

import json
import sys

from pyspark.sql import SparkSession


def main() -> None:
    spark = SparkSession.builder.appName("read tables").getOrCreate()
    for argument in sys.argv[1:]:
        name, _, query = argument.partition("=")
        rows = [list(row) for row in spark.sql(f"{query} FROM ai_lakehouse_db.{name}").collect()]
        print(json.dumps({"table": name, "rows": rows}, default=lambda value: value.isoformat()))


if __name__ == "__main__":
    main()
