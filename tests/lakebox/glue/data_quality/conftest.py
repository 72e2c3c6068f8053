"""A sandbox with a database, for all tests of a module."""

from collections.abc import Iterator

import pytest
from job_sandbox import JobSandbox, open_sandbox


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JobSandbox]:
    """A sandbox in which two tables lie: orders (days as partitions) and customers, as CSV."""
    root = tmp_path_factory.mktemp("lake")
    for number, day in enumerate(("2026-01-01", "2026-01-02")):
        folder = root / "data" / "orders" / f"day={day}"
        folder.mkdir(parents=True)
        rows = ["a,1,5.5", "b,,6.5"] if number == 0 else ["c,3,7"]
        (folder / "rows.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (root / "data" / "customers").mkdir()
    (root / "data" / "customers" / "rows.csv").write_text("a\nb\n", encoding="utf-8")
    for sandbox in open_sandbox(root):
        _tables(sandbox)
        yield sandbox


def _tables(sandbox: JobSandbox) -> None:
    text = {
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            "Parameters": {"field.delim": ","},
        },
    }
    columns = {"orders": {"name": "string", "n": "int", "price": "double"}, "customers": {"name": "string"}}
    sandbox.glue.create_database(DatabaseInput={"Name": "shop"})
    for table, types in columns.items():
        described = [{"Name": name, "Type": type_name} for name, type_name in types.items()]
        stored = text | {"Columns": described, "Location": f"s3://data/{table}/"}
        keys = [{"Name": "day", "Type": "date"}] if table == "orders" else []
        given = {"Name": table, "TableType": "EXTERNAL_TABLE", "StorageDescriptor": stored, "PartitionKeys": keys}
        sandbox.glue.create_table(DatabaseName="shop", TableInput=given)
        for day in ("2026-01-01", "2026-01-02") if keys else ():
            part = {"Values": [day], "StorageDescriptor": stored | {"Location": f"s3://data/orders/day={day}/"}}
            sandbox.glue.create_partition(DatabaseName="shop", TableName=table, PartitionInput=part)
