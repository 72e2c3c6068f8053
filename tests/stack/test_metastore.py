"""The metastore's schema: made once, whole or not at all, whatever PostgreSQL does meanwhile."""

import time

import pytest
from stack.running_stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]

SCHEMA = "/opt/metastore/schema.psql"


def psql(stack: Stack, database: str, *arguments: str, check: bool = True) -> str:
    """Output of psql in the metastore's container, as its user, on a database of its server."""
    dsn = f"host=postgres dbname={database} user=metastore passfile=/run/lakebox/metastore/pgpass"
    command = ("psql", "--no-psqlrc", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", *arguments, dsn)
    return stack.compose("exec", "--no-TTY", "metastore", *command, check=check).stdout.strip()


@pytest.fixture
def empty_database(stack: Stack) -> str:
    """The name of an empty database of the metastore's user, on the stack's PostgreSQL."""
    superuser = ("exec", "--no-TTY", "postgres", "psql", "--host=/tmp", "--username=lakebox", "--dbname=postgres")
    stack.compose(*superuser, "--command=DROP DATABASE IF EXISTS schema_test")
    stack.compose(*superuser, "--command=CREATE DATABASE schema_test OWNER metastore")
    return "schema_test"


def tables(stack: Stack, database: str) -> int:
    """How many tables a database has."""
    count = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    return int(psql(stack, database, f"--command={count}"))


def test_the_set_up_can_be_repeated(stack: Stack, empty_database: str) -> None:
    psql(stack, empty_database, f"--file={SCHEMA}")
    made = tables(stack, empty_database)
    psql(stack, empty_database, f"--file={SCHEMA}")
    version = psql(stack, empty_database, '--command=SELECT "SCHEMA_VERSION" FROM "VERSION"')
    assert (made > 70, tables(stack, empty_database), version) == (True, made, "3.1.0")


def test_an_interrupted_set_up_leaves_nothing_and_the_next_one_works(stack: Stack, empty_database: str) -> None:
    half = f"head -200 /opt/metastore/schema.sql > /tmp/half.sql; echo 'SELECT pg_sleep(600);' >> /tmp/half.sql; sed s:/opt/metastore/schema.sql:/tmp/half.sql: {SCHEMA} > /tmp/half.psql"
    stack.compose("exec", "--no-TTY", "metastore", "bash", "-c", half)
    dsn = f"host=postgres dbname={empty_database} user=metastore passfile=/run/lakebox/metastore/pgpass"
    killed = f"timeout --signal=KILL 3 psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --file=/tmp/half.psql '{dsn}'"
    assert stack.compose("exec", "--no-TTY", "metastore", "bash", "-c", killed, check=False).returncode != 0
    terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()"
    psql(stack, empty_database, f"--command={terminate}")
    assert tables(stack, empty_database) == 0
    psql(stack, empty_database, f"--file={SCHEMA}")
    assert psql(stack, empty_database, '--command=SELECT "SCHEMA_VERSION" FROM "VERSION"') == "3.1.0"


def test_two_set_ups_at_once_make_one_schema(stack: Stack, empty_database: str) -> None:
    dsn = f"host=postgres dbname={empty_database} user=metastore passfile=/run/lakebox/metastore/pgpass"
    one = f"psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --file={SCHEMA} '{dsn}'"
    stack.compose("exec", "--no-TTY", "metastore", "bash", "-ec", f"{one} & first=$!; {one}; wait $first")
    assert psql(stack, empty_database, '--command=SELECT count(*) FROM "VERSION"') == "1"


def test_the_metastore_waits_for_a_postgresql_that_is_still_starting(stack: Stack) -> None:
    stack.compose("stop", "postgres", "metastore")
    stack.compose("start", "metastore")
    time.sleep(3)  # long enough to fail, were it not to wait
    assert stack.container("metastore")["State"]["Running"]
    assert stack.container("metastore")["RestartCount"] == 0
    stack.compose("start", "postgres")
    stack.up()
    assert ["ai_lakehouse_db"] in stack.sql("SHOW SCHEMAS FROM awsdatacatalog")


@pytest.mark.long  # test_kills has all of them killed at once
@pytest.mark.parametrize("service", ["postgres", "metastore", "minio", "trino", "spark-master"])
def test_a_killed_service_comes_back_with_all_it_had(stack: Stack, service: str) -> None:
    stack.compose("kill", service)
    stack.up()
    assert stack.sql("SELECT state FROM awsdatacatalog.default.lakebox_ready") == [["ready"]]
