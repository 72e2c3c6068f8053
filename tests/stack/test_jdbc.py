"""JDBC in job scripts on the stack, against a PostgreSQL of the test's own."""

import time
from collections.abc import Iterator

import pytest
from stack.api_target import Target, stack_target
from stack.running_stack import Stack, docker

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]

SERVE = (
    "initdb --pgdata=/tmp/data --username=shop --auth=trust >/dev/null && echo 'host all all all trust' >> "
    "/tmp/data/pg_hba.conf && exec postgres -D /tmp/data -c listen_addresses='*' -c unix_socket_directories=/tmp"
)
TABLE = "CREATE TABLE orders (id int, price numeric(8, 2), placed timestamp); INSERT INTO orders VALUES (1, 2.50, '2026-01-02 03:04:05'), (2, 10, NULL)"
SCRIPT = """
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from pyspark.context import SparkContext
context = GlueContext(SparkContext.getOrCreate())
conf = context.extract_jdbc_conf("shop")
options = {"url": conf["fullUrl"], "user": conf["user"], "password": conf["password"], "dbtable": "orders"}
orders = context.create_dynamic_frame.from_options("postgresql", options)
orders.toDF().coalesce(1).write.parquet("s3://api-test/out/orders/")
dear = DynamicFrame.fromDF(orders.toDF().filter("price > 5"), context, "dear")
context.write_dynamic_frame.from_jdbc_conf(dear, "shop", {"dbtable": "dear_orders", "database": "postgres"})
by_name = {"useConnectionProperties": "true", "connectionName": "shop", "dbtable": "dear_orders"}
print(context.create_dynamic_frame.from_options("postgresql", by_name).count())
"""
NEWS = """
import sys
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
args = getResolvedOptions(sys.argv, ["JOB_NAME", "day"])
context = GlueContext(SparkContext.getOrCreate())
job = Job(context)
job.init(args["JOB_NAME"], args)
read = context.create_dynamic_frame.from_catalog
keys = {"jobBookmarkKeys": ["id"], "jobBookmarkKeysSortOrder": "asc"}
orders = read("lake_db", "orders", transformation_ctx="orders", additional_options=keys)
visits = read("lake_db", "visits", transformation_ctx="visits")
orders.toDF().coalesce(1).write.parquet("s3://api-test/out/" + args["day"] + "/orders/")
visits.toDF().coalesce(1).write.parquet("s3://api-test/out/" + args["day"] + "/visits/")
context.write_dynamic_frame.from_catalog(frame=orders, database="lake_db", table_name="all_orders")
job.commit()
"""


@pytest.fixture
def database(stack: Stack) -> Iterator[str]:
    """A PostgreSQL that the cluster reaches; its host name."""
    name, network = f"{stack.project}-shop", f"{stack.project}_default"
    server = ("--entrypoint", "bash", "lakebox/postgres:0.1.0", "-c", SERVE)
    docker("run", "--detach", "--name", name, "--network", network, *server)
    try:
        for _ in range(600):
            if "accepting" in docker("exec", name, "sh", "-c", "pg_isready --host=/tmp || true"):
                break
            time.sleep(0.5)
        ask(name, TABLE)
        yield name
    finally:
        docker("rm", "--force", name)


@pytest.fixture
def target(stack: Stack, database: str) -> Target:
    """The stack's API, with a connection `shop` to that database."""
    found = stack_target(stack)
    found.start_over()
    url = f"jdbc:postgresql://{database}:5432/postgres"
    properties = {"JDBC_CONNECTION_URL": url, "USERNAME": "shop", "PASSWORD": "unused"}
    if "shop" in [one["Name"] for one in found.glue.get_connections()["ConnectionList"]]:
        found.glue.delete_connection(ConnectionName="shop")
    connection = {"Name": "shop", "ConnectionType": "JDBC", "ConnectionProperties": properties}
    found.glue.create_connection(ConnectionInput=connection)
    return found


def ask(database: str, statement: str) -> list[str]:
    """Rows of a statement, as text."""
    psql = ("psql", "--host=/tmp", "--username=shop", "--dbname=postgres", "--tuples-only", "--no-align")
    return docker("exec", database, *psql, "--command", statement).split()


def test_a_script_reads_and_writes_postgresql(target: Target, database: str) -> None:
    target.define("jdbc", SCRIPT)
    target.run("jdbc")
    rows = [(row["id"], str(row["price"]), str(row["placed"])) for row in target.rows("out/orders/")]
    assert rows == [(1, "2.50", "2026-01-02 03:04:05+00:00"), (2, "10.00", "None")]
    assert ask(database, "SELECT id, price FROM dear_orders") == ["2|10.00"]


def test_bookmarks_give_new_rows_of_catalog_tables(target: Target, database: str) -> None:
    ask(database, "CREATE TABLE all_orders AS SELECT * FROM orders WHERE false")
    ask(database, "CREATE TABLE visits (day date, number int, PRIMARY KEY (day, number))")
    target.glue.create_database(DatabaseInput={"Name": "lake_db"})
    for name in ("orders", "visits", "all_orders"):
        stored = {"Columns": [], "Location": f"postgres.public.{name}"}
        parameters = {"classification": "postgresql", "connectionName": "shop"}
        table = {"Name": name, "StorageDescriptor": stored, "Parameters": parameters}
        target.glue.create_table(DatabaseName="lake_db", TableInput=table)
    target.define("news", NEWS)
    changes = {
        "1": "INSERT INTO visits VALUES ('2026-01-02', 1)",
        "2": "INSERT INTO visits VALUES ('2026-01-02', 2), ('2026-01-01', 9), ('2026-01-03', 1);"
        "INSERT INTO orders VALUES (11, 1, NULL), (0, 1, NULL)",
    }
    orders, visits = {}, {}
    for day, change in changes.items():
        ask(database, change)
        target.run("news", **{"day": day, "job-bookmark-option": "job-bookmark-enable"})
        assert len(target.keys(f"out/{day}/orders/")) == 1, target.keys("out/")
        orders[day] = [row["id"] for row in target.rows(f"out/{day}/orders/")]
        visits[day] = [f"{row['day']} {row['number']}" for row in target.rows(f"out/{day}/visits/")]
    assert orders == {"1": [1, 2], "2": [11]}
    assert visits == {"1": ["2026-01-02 1"], "2": ["2026-01-02 2", "2026-01-03 1"]}
    assert ask(database, "SELECT id FROM all_orders ORDER BY id") == ["1", "2", "11"]
