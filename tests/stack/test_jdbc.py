"""JDBC in job scripts on the stack, against a PostgreSQL of the test's own."""

import time
from collections.abc import Iterator

import pytest
from stack.api_target import Target, stack_target
from stack.running_stack import Stack, docker

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(1800)]

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


@pytest.fixture
def database(stack: Stack) -> Iterator[str]:
    """A PostgreSQL that the cluster reaches; its host name."""
    name = f"{stack.project}-shop"
    network = f"{stack.project}_default"
    docker(
        "run",
        "--detach",
        "--name",
        name,
        "--network",
        network,
        "--entrypoint",
        "bash",
        "lakebox/postgres:0.1.0",
        "-c",
        SERVE,
    )
    try:
        psql = (
            "exec",
            name,
            "psql",
            "--host=/tmp",
            "--username=shop",
            "--dbname=postgres",
            "--tuples-only",
            "--no-align",
        )
        for _ in range(600):
            if "accepting" in docker("exec", name, "sh", "-c", "pg_isready --host=/tmp || true"):
                break
            time.sleep(0.5)
        docker(*psql, "--command", TABLE)
        yield name
        assert docker(*psql, "--command", "SELECT id, price FROM dear_orders").split() == ["2|10.00"]
    finally:
        docker("rm", "--force", name)


def test_a_script_reads_and_writes_postgresql(stack: Stack, database: str) -> None:
    target: Target = stack_target(stack)
    target.start_over()
    url = f"jdbc:postgresql://{database}:5432/postgres"
    properties = {"JDBC_CONNECTION_URL": url, "USERNAME": "shop", "PASSWORD": "unused"}
    if "shop" in [one["Name"] for one in target.glue.get_connections()["ConnectionList"]]:
        target.glue.delete_connection(ConnectionName="shop")
    connection = {"Name": "shop", "ConnectionType": "JDBC", "ConnectionProperties": properties}
    target.glue.create_connection(ConnectionInput=connection)
    target.define("jdbc", SCRIPT)
    target.run("jdbc")
    rows = [(row["id"], str(row["price"]), str(row["placed"])) for row in target.rows("out/orders/")]
    assert rows == [(1, "2.50", "2026-01-02 03:04:05+00:00"), (2, "10.00", "None")]
