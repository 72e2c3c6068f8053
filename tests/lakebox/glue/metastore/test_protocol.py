"""The metastore as a Hive client sees it: what it makes is in Glue, what Glue has it sees, the rest it refuses."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hive_metastore import ThriftHiveMetastore
from hive_metastore.ttypes import (
    AlreadyExistsException,
    CheckLockRequest,
    EnvironmentContext,
    FieldSchema,
    InvalidOperationException,
    LockComponent,
    LockLevel,
    LockRequest,
    LockState,
    LockType,
    MetaException,
    NoSuchObjectException,
    Partition,
    SerDeInfo,
    StorageDescriptor,
    Table,
    UnlockRequest,
)
from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.Thrift import TApplicationException
from thrift.transport.TSocket import TSocket
from thrift.transport.TTransport import TBufferedTransport

from lakebox.endpoint.service import Operation
from lakebox.glue.data_catalog.documents import SqliteDocuments
from lakebox.glue.data_catalog.operations import catalog_operations
from lakebox.glue.data_catalog.store import CatalogStore
from lakebox.glue.metastore.folders import LakeFolders
from lakebox.glue.metastore.server import running_metastore


@dataclass(frozen=True)
class Metastore:
    """Glue's operations, a client of the metastore over them, and the folder of the bucket `data`."""

    glue: Mapping[str, Operation]
    client: Any
    connect: Callable[[], Any]
    data: Path


@pytest.fixture
def metastore(tmp_path: Path) -> Iterator[Metastore]:
    """A metastore with an empty database `my-shop`, which lies in s3://data/shop/."""
    (tmp_path / "data").mkdir()
    catalog, documents = CatalogStore(tmp_path / "catalog.sqlite"), SqliteDocuments(tmp_path / "glue.sqlite")
    glue = catalog_operations(catalog, documents)
    glue["CreateDatabase"]({"DatabaseInput": {"Name": "my-shop", "LocationUri": "s3://data/shop/"}})
    with ExitStack() as stack:
        stack.callback(catalog.close)
        stack.callback(documents.close)
        uri = stack.enter_context(running_metastore(glue, LakeFolders(tmp_path)))

        def connect() -> Any:
            transport = TBufferedTransport(TSocket("127.0.0.1", int(uri.rpartition(":")[2])))
            transport.open()
            stack.callback(transport.close)
            return ThriftHiveMetastore.Client(TBinaryProtocol(transport))

        yield Metastore(glue, connect(), connect, tmp_path / "data")


def table(name: str = "orders", **more: Any) -> Any:
    """A managed table with a column `id`, partitioned by `day` and `kind`."""
    columns = [FieldSchema(name="id", type="int", comment="the key")]
    keys = [FieldSchema(name="day", type="date"), FieldSchema(name="kind", type="string")]
    given = {"tableType": "MANAGED_TABLE", "partitionKeys": keys, "parameters": {"made": "here"}} | more
    storage = StorageDescriptor(cols=columns, serdeInfo=SerDeInfo(parameters={}))
    return Table(dbName="my-shop", tableName=name, sd=storage, **given)


def partition(*values: str) -> Any:
    """A partition of `orders`, without a location."""
    storage = StorageDescriptor(cols=[], serdeInfo=SerDeInfo(parameters={}))
    return Partition(dbName="my-shop", tableName="orders", values=list(values), sd=storage)


def test_a_table_lies_below_its_database(metastore: Metastore) -> None:
    metastore.client.create_table(table())
    made = metastore.glue["GetTable"]({"DatabaseName": "my-shop", "Name": "orders"})["Table"]
    assert made["StorageDescriptor"]["Location"] == "s3://data/shop/orders"
    assert made["StorageDescriptor"]["Columns"] == [{"Name": "id", "Type": "int", "Comment": "the key"}]
    assert [key["Name"] for key in made["PartitionKeys"]] == ["day", "kind"]
    assert (metastore.data / "shop" / "orders").is_dir()
    assert metastore.client.get_table("MY-SHOP", "Orders").parameters == {"made": "here"}
    assert metastore.client.get_tables("my-shop", "ord*|none") == ["orders"]


def test_dropping_deletes_data_of_managed_tables_only(metastore: Metastore) -> None:
    metastore.client.create_table(table())
    metastore.client.create_table(table("kept", tableType="EXTERNAL_TABLE"))
    for name in ("orders", "kept"):
        metastore.client.drop_table("my-shop", name, True)
    assert [path.name for path in (metastore.data / "shop").iterdir()] == ["kept"]
    assert metastore.client.get_all_tables("my-shop") == []


def test_partitions_are_made_found_and_dropped(metastore: Metastore) -> None:
    metastore.client.create_table(table())
    metastore.client.add_partitions([partition("2026-01-01", "a/b"), partition("2026-01-02", "c")])
    with pytest.raises(AlreadyExistsException):
        metastore.client.add_partition(partition("2026-01-02", "c"))
    names = metastore.client.get_partition_names("my-shop", "orders", -1)
    assert names == ["day=2026-01-01/kind=a%2Fb", "day=2026-01-02/kind=c"]
    later = metastore.client.get_partitions_by_filter("my-shop", "orders", 'day > 2026-01-01 and kind = "c"', -1)
    assert [one.sd.location for one in later] == ["s3://data/shop/orders/day=2026-01-02/kind=c"]
    assert metastore.client.drop_partition_by_name("my-shop", "orders", names[0], True)
    assert not (metastore.data / "shop" / "orders" / names[0]).exists()
    left = metastore.glue["GetPartitions"]({"DatabaseName": "my-shop", "TableName": "orders"})["Partitions"]
    assert [one["Values"] for one in left] == [["2026-01-02", "c"]]


def test_a_renamed_table_takes_its_partitions_along(metastore: Metastore) -> None:
    metastore.client.create_table(table())
    metastore.client.add_partition(partition("2026-01-01", "a"))
    renamed = metastore.client.get_table("my-shop", "orders")
    renamed.tableName = "sales"
    metastore.client.alter_table("my-shop", "orders", renamed)
    assert metastore.client.get_all_tables("my-shop") == ["sales"]
    moved = metastore.client.get_partition("my-shop", "sales", ["2026-01-01", "a"])
    assert moved.sd.location == "s3://data/shop/sales/day=2026-01-01/kind=a"
    assert (metastore.data / "shop" / "sales" / "day=2026-01-01" / "kind=a").is_dir()


def test_of_two_commits_one_is_refused(metastore: Metastore) -> None:
    metastore.client.create_table(table(parameters={"metadata_location": "v1"}))
    expected = {"expected_parameter_key": "metadata_location", "expected_parameter_value": "v1"}
    second = table(parameters={"metadata_location": "v2"})
    context = EnvironmentContext(properties=expected)
    metastore.client.alter_table_with_environment_context("my-shop", "orders", second, context)
    with pytest.raises(MetaException, match=r"The table has been modified. The parameter value for key 'metadata_loc"):
        metastore.client.alter_table_with_environment_context("my-shop", "orders", second, context)


def test_a_lock_waits_for_the_one_before(metastore: Metastore) -> None:
    component = LockComponent(type=LockType.EXCLUSIVE, level=LockLevel.TABLE, dbname="my-shop", tablename="orders")
    request = LockRequest(component=[component], user="me", hostname="here")
    first, second = metastore.client.lock(request), metastore.connect().lock(request)
    assert (first.state, second.state) == (LockState.ACQUIRED, LockState.WAITING)
    metastore.client.unlock(UnlockRequest(lockid=first.lockid))
    check = CheckLockRequest(lockid=second.lockid)
    assert metastore.client.check_lock(check).state == LockState.ACQUIRED


def test_a_full_database_is_dropped_by_cascade_only(metastore: Metastore) -> None:
    metastore.client.create_table(table())
    with pytest.raises(InvalidOperationException, match="is not empty"):
        metastore.client.drop_database("my-shop", False, False)
    metastore.client.drop_database("my-shop", False, True)
    assert metastore.client.get_all_databases() == []


def test_what_is_missing_or_unknown_is_said(metastore: Metastore) -> None:
    with pytest.raises(NoSuchObjectException, match="not found"):
        metastore.client.get_table("my-shop", "none")
    with pytest.raises(TApplicationException, match="create_role is not supported by lakebox's metastore"):
        metastore.client.create_role(None)
    metastore.glue["CreateDatabase"]({"DatabaseInput": {"Name": "nowhere"}})
    homeless = table()
    homeless.dbName = "nowhere"
    with pytest.raises(MetaException, match="database nowhere has no location for table orders; give the database"):
        metastore.client.create_table(homeless)


def test_data_outside_the_buckets_stays(metastore: Metastore, tmp_path: Path) -> None:
    kept = tmp_path / "private"
    kept.mkdir()
    for location in ("s3://data/../private", "s3://data", f"file://{kept}", "s3://.lakebox/keys"):
        away = table()
        away.sd.location = location
        metastore.client.create_table(away)
        metastore.client.drop_table("my-shop", "orders", True)
    assert (kept.is_dir(), metastore.data.is_dir()) == (True, True)
