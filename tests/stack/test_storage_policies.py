"""Who may do what in S3: one row a right, granted or not."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from stack.running_stack import LAKE, RAW, S3_CLIENTS, Stack
from stack.trino_client import TrinoError

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]

JOBS_PREFIXES = ("bronze", "quarantine", "silver", "gold", "audit", "reports", "_state")
PREFIXES = (*JOBS_PREFIXES, "athena-results", "scratch", "elsewhere")
MAY_WRITE = {
    "jobs": {(LAKE, prefix) for prefix in JOBS_PREFIXES},
    "landing": {(RAW, prefix) for prefix in PREFIXES},
    "sql": {(LAKE, "athena-results")},
    "notebooks": {(LAKE, "scratch")},
    "metastore": set(),
    "user": set(),
}
MAY_READ = {
    "jobs": {LAKE, RAW},
    "landing": {RAW},
    "sql": {LAKE},
    "notebooks": {LAKE},
    "metastore": {LAKE},
    "user": {LAKE, RAW},
}
KEY = "policy-test/object"


@pytest.fixture(scope="module", autouse=True)
def objects(stack: Stack) -> Iterator[None]:
    """An object below each prefix of each bucket, put there by those who may, gone afterwards."""
    stack.s3("landing").put_object(Bucket=RAW, Key=f"bronze/{KEY}", Body=b"")
    stack.s3("jobs").put_object(Bucket=LAKE, Key=f"bronze/{KEY}", Body=b"")
    yield
    for client, prefixes in {"jobs": JOBS_PREFIXES, "sql": ("athena-results",), "notebooks": ("scratch",)}.items():
        for prefix in prefixes:
            stack.s3(client).delete_object(Bucket=LAKE, Key=f"{prefix}/{KEY}")


def allowed(call: Callable[[], Any]) -> bool:
    """Whether S3 does it; any other refusal than AccessDenied is an error."""
    try:
        call()
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("AccessDenied", "403"):
            raise
        return False
    return True


@pytest.mark.parametrize("client", S3_CLIENTS)
@pytest.mark.parametrize("bucket", [LAKE, RAW])
def test_a_client_writes_where_it_must_and_nowhere_else(stack: Stack, client: str, bucket: str) -> None:
    s3 = stack.s3(client)
    written = {
        (bucket, prefix)
        for prefix in PREFIXES
        if allowed(lambda prefix=prefix: s3.put_object(Bucket=bucket, Key=f"{prefix}/{KEY}", Body=b""))  # type: ignore[misc]
    }
    assert written == {where for where in MAY_WRITE[client] if where[0] == bucket}


@pytest.mark.parametrize("client", S3_CLIENTS)
@pytest.mark.parametrize("bucket", [LAKE, RAW])
def test_a_client_reads_and_lists_the_buckets_that_it_must(stack: Stack, client: str, bucket: str) -> None:
    s3 = stack.s3(client)
    may = bucket in MAY_READ[client]
    assert allowed(lambda: s3.get_object(Bucket=bucket, Key=f"bronze/{KEY}")) == may
    assert allowed(lambda: s3.list_objects_v2(Bucket=bucket, MaxKeys=1)) == may


@pytest.mark.parametrize("client", S3_CLIENTS)
def test_only_the_jobs_delete_what_is_in_the_layers(stack: Stack, client: str) -> None:
    stack.s3("jobs").put_object(Bucket=LAKE, Key=f"silver/{KEY}", Body=b"")
    assert allowed(lambda: stack.s3(client).delete_object(Bucket=LAKE, Key=f"silver/{KEY}")) == (client == "jobs")


@pytest.mark.parametrize("client", S3_CLIENTS)
def test_nobody_deletes_what_landed(stack: Stack, client: str) -> None:
    assert not allowed(lambda: stack.s3(client).delete_object(Bucket=RAW, Key=f"bronze/{KEY}"))


def test_the_metastore_makes_folders_and_no_files(stack: Stack) -> None:
    s3 = stack.s3("metastore")
    assert allowed(lambda: s3.put_object(Bucket=LAKE, Key="gold/policy-test/", Body=b""))
    assert not allowed(lambda: s3.put_object(Bucket=LAKE, Key="gold/policy-test/file", Body=b""))
    stack.s3("jobs").delete_object(Bucket=LAKE, Key="gold/policy-test/")


@pytest.mark.parametrize("client", [None, *S3_CLIENTS])
def test_no_client_drops_the_lake_or_changes_who_may_what(stack: Stack, client: str | None) -> None:
    s3 = stack.s3(client)
    assert not allowed(lambda: s3.delete_bucket(Bucket=LAKE))
    assert not allowed(lambda: s3.put_bucket_policy(Bucket=LAKE, Policy="{}"))


@pytest.mark.parametrize("client", [None, *(client for client in S3_CLIENTS if client != "user")])
def test_only_the_user_makes_buckets(stack: Stack, client: str | None) -> None:
    assert not allowed(lambda: stack.s3(client).create_bucket(Bucket="another-bucket"))


def test_own_buckets_are_the_users_and_others_read(stack: Stack) -> None:
    user = stack.s3("user")
    user.create_bucket(Bucket="policy-test")
    try:
        user.put_object(Bucket="policy-test", Key="object", Body=b"")
        reads = {
            client
            for client in S3_CLIENTS
            if allowed(lambda client=client: stack.s3(client).get_object(Bucket="policy-test", Key="object"))  # type: ignore[misc]
        }
        writes = {
            client
            for client in S3_CLIENTS
            if allowed(lambda client=client: stack.s3(client).put_object(Bucket="policy-test", Key="object", Body=b""))  # type: ignore[misc]
        }
        assert (reads, writes) == ({"user", "jobs", "sql", "notebooks", "metastore"}, {"user"})
    finally:
        user.delete_object(Bucket="policy-test", Key="object")
        user.delete_bucket(Bucket="policy-test")


def test_anonymous_access_is_refused(stack: Stack) -> None:
    s3 = stack.s3(None)
    for bucket in (LAKE, RAW):
        assert not allowed(lambda bucket=bucket: s3.list_objects_v2(Bucket=bucket))  # type: ignore[misc]
        assert not allowed(lambda bucket=bucket: s3.get_object(Bucket=bucket, Key=f"bronze/{KEY}"))  # type: ignore[misc]
        assert not allowed(lambda bucket=bucket: s3.put_object(Bucket=bucket, Key=KEY, Body=b""))  # type: ignore[misc]
    assert not allowed(s3.list_buckets)


@pytest.fixture
def no_test_table(stack: Stack) -> Iterator[None]:
    """Nothing is there of the table trino_test, before and after."""

    def drop() -> None:
        stack.sql("DROP TABLE IF EXISTS awsdatacatalog.ai_lakehouse_db.trino_test", user="lakebox")
        for stored in (
            stack.s3("sql").list_objects_v2(Bucket=LAKE, Prefix="athena-results/trino-test").get("Contents", [])
        ):
            stack.s3("sql").delete_object(Bucket=LAKE, Key=stored["Key"])

    drop()
    yield
    drop()


@pytest.mark.usefixtures("no_test_table")
def test_trino_cannot_write_the_layers_whoever_asks(stack: Stack) -> None:
    create = (
        "CREATE TABLE awsdatacatalog.ai_lakehouse_db.trino_test WITH (external_location = 's3://{}') AS SELECT 1 AS a"
    )
    for prefix in ("bronze", "silver", "gold"):
        with pytest.raises(TrinoError, match=r"Error committing write to Hive"):
            stack.sql(create.format(f"{LAKE}/{prefix}/trino-test"), user="lakebox")
        assert stack.s3("sql").list_objects_v2(Bucket=LAKE, Prefix=f"{prefix}/trino-test/")["KeyCount"] == 0
    with pytest.raises(TrinoError, match="Access Denied: Cannot create table"):
        stack.sql(create.format(f"{LAKE}/athena-results/trino-test"), user="tests")


@pytest.mark.usefixtures("no_test_table")
def test_trino_writes_results(stack: Stack) -> None:
    location = f"s3://{LAKE}/athena-results/trino-test"
    table = "awsdatacatalog.ai_lakehouse_db.trino_test"
    stack.sql(f"CREATE TABLE {table} WITH (external_location = '{location}') AS SELECT 1 AS a", user="lakebox")
    assert stack.sql(f"SELECT a FROM {table}") == [[1]]
