"""Glue's tables and partitions as the stack's metastore keeps them, and back.

What Glue knows of a table or database and the metastore can't hold (its version; a location that ends in `/`, or is no
URI, as for tables in databases) is a parameter of it that starts with `lakebox.`; clients never see it.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lakebox.endpoint.service import ACCOUNT, USER_ARN
from lakebox.glue.data_catalog.documents import Document
from lakebox.glue.metastore.shapes.from_glue import hive_database, hive_partitions, hive_table
from lakebox.glue.metastore.shapes.to_glue import database_input, partition_input, table_input

VERSION, ADDED, LOCATION, OWNER = "lakebox.version", "lakebox.added", "lakebox.location", "lakebox.owner"
PLAIN = "lakebox.plain"  # of an Iceberg table that a client put with columns that have no parameters, as Terraform does
CURRENT = "iceberg.field.current"
VIEW_OWNER = "api"  # Trino reads the tables of a view as its owner, so that must be a user of Trino's who may
ITS_OWN = {
    "transient_lastDdlTime",
    "bucketing_version",
    "numFiles",
    "numRows",
    "totalSize",
    "rawDataSize",
    "COLUMN_STATS_ACCURATE",
    "STATS_GENERATED",
}  # fmt: skip  parameters that the metastore and Trino add
GIVEN = "lakebox.given"  # which of them a client gave


def stored_table(document: Document, ready: str) -> Any:
    """A table as the metastore keeps it. ready: the URI of a folder that is there, for one whose location is no URI."""
    made = hive_table(document)
    own = {VERSION: document["VersionId"]}
    if made.tableType == "EXTERNAL_TABLE" and "EXTERNAL" not in made.parameters:
        own |= {"EXTERNAL": "TRUE", ADDED: "EXTERNAL"}  # without it the metastore makes a managed table of it
    columns = document.get("StorageDescriptor", {}).get("Columns", [])
    if _is_iceberg(made.parameters) and not any(CURRENT in column.get("Parameters", {}) for column in columns):
        own |= {PLAIN: "true"}
    if made.tableType == "VIRTUAL_VIEW":
        own |= {OWNER: made.owner or ""}
        made.owner = VIEW_OWNER
    made.parameters |= own | _given(made.parameters) | _place(made.sd, ready)
    return made


def stored_partition(table: Document, values: Sequence[str], document: Document, ready: str) -> Any:
    """A partition of a table as the metastore keeps it. ready: as for tables."""
    (made,) = hive_partitions(table, [document])
    made.values = list(values)
    given = dict(made.parameters or {})
    made.parameters = given | _given(given) | _place(made.sd, ready)
    return made


def stored_database(document: Document, place: str) -> Any:
    """A database as the metastore keeps it. place: the location that one has for which none is given, or none that is a
    URI: Hive's databases all have one."""
    made = hive_database(document)
    if made.locationUri and "://" not in made.locationUri:
        made.parameters[LOCATION] = made.locationUri
    if "://" not in made.locationUri:
        made.locationUri = place
    return made


def database_document(found: Any, place: str) -> Document:
    """A database of the metastore, as Glue answers it: without a location where none was given. Were the metastore's
    own place told, Iceberg would put tables there and not into its warehouse."""
    found.parameters = dict(found.parameters or {})
    found.locationUri = found.parameters.pop(LOCATION, "" if found.locationUri == place else found.locationUri)
    made = {"CreateTime": _time(found.createTime)} if getattr(found, "createTime", None) else {}
    return database_input(found) | {"CatalogId": ACCOUNT} | made


def table_document(found: Any) -> Document:
    """A table of the metastore, as Glue answers it."""
    parameters = dict(found.parameters or {})
    version = parameters.pop(VERSION, "0")
    found.owner = parameters.pop(OWNER, found.owner)
    changed = int(parameters.get("transient_lastDdlTime", found.createTime))
    _give_location(found.sd, parameters)
    for name in filter(None, parameters.pop(ADDED, "").split(",")):
        parameters.pop(name, None)
    _drop_its_own(parameters)
    found.parameters = parameters
    comment = parameters.pop("comment", None)
    is_plain = parameters.pop(PLAIN, "") and "previous_metadata_location" not in parameters  # nobody has written yet
    told = table_input(found, {})
    if _is_iceberg(parameters) and not is_plain:  # the metastore keeps no parameters of columns
        for column in told["StorageDescriptor"]["Columns"]:
            column["Parameters"] = {CURRENT: "true"}
    return told | {
        **({"Description": comment} if comment else {}),
        "Parameters": parameters,
        "DatabaseName": found.dbName,
        "CatalogId": ACCOUNT,
        "CreatedBy": USER_ARN,
        "CreateTime": _time(found.createTime),
        "UpdateTime": _time(changed),
        "VersionId": version,
        "IsRegisteredWithLakeFormation": False,
    }


def partition_document(found: Any) -> Document:
    """A partition of the metastore, as Glue answers it."""
    parameters = dict(found.parameters or {})
    _give_location(found.sd, parameters)
    _drop_its_own(parameters)
    own = {"DatabaseName": found.dbName, "TableName": found.tableName, "CatalogId": ACCOUNT}
    return partition_input(found) | {"Parameters": parameters, "CreationTime": _time(found.createTime)} | own


def _is_iceberg(parameters: Mapping[str, str]) -> bool:
    return parameters.get("table_type", "").upper() == "ICEBERG"


def _place(storage: Any, ready: str) -> dict[str, str]:
    """Make a location one that the metastore takes; parameters that keep it as it was given."""
    given = storage.location or ""
    storage.location = given or None  # a view has none; the metastore can't drop what has an empty one
    if given and "://" not in given:
        storage.location = ready
    return {LOCATION: given} if given and ("://" not in given or given.endswith("/")) else {}


def _give_location(storage: Any, parameters: dict[str, str]) -> None:
    """Give a location as it was put, unless another client of the metastore has changed it since."""
    given = parameters.pop(LOCATION, None)
    if given is not None and ("://" not in given or given.rstrip("/") == (storage.location or "").rstrip("/")):
        storage.location = given


def _given(parameters: Mapping[str, str]) -> dict[str, str]:
    """A parameter that names those of them that a client gave."""
    given = sorted(ITS_OWN & set(parameters))
    return {GIVEN: ",".join(given)} if given else {}


def _drop_its_own(parameters: dict[str, str]) -> None:
    """Leave those of them that a client gave."""
    for name in ITS_OWN - set(parameters.pop(GIVEN, "").split(",")):
        parameters.pop(name, None)


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
