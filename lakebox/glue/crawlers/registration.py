"""Brings the catalog in line with what a crawl has found: tables, then their partitions, then what is gone.

Each step is one request to the catalog and compares with what is there, so a crawl that ends between two of them
leaves nothing that the next one does not mend.
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lakebox.endpoint.service import Operation, ServiceError, all_of
from lakebox.glue.crawlers.configuration import Policy
from lakebox.glue.crawlers.table_input import DEPRECATED, OWNER, Registrable, other_name, with_new_columns, written_by
from lakebox.glue.data_catalog.documents import Document

BATCH = 100
DONE_BY_OTHERS = ("AlreadyExistsException", "EntityNotFoundException")  # a job or crawl has made or deleted it
PAGE = 1000
RUN_ID = "CRAWL_RUN_ID"
SCHEMA = ("Columns", "SerdeInfo", "InputFormat", "Location")
FIXED = ("classification", "compressionType", "delimiter")  # a table that changes these can't be read as it was
OF_A_TABLE = ("Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "TableType",
              "Parameters", "ViewOriginalText", "ViewExpandedText")  # fmt: skip


@dataclass
class Changes:
    """What a crawl has done to the catalog: names of tables, numbers of partitions, by ADD, UPDATE and DELETE."""

    tables: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    partitions: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    notes: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """As ListCrawls gives it: JSON, with what has changed alone."""
        tables = {kind: {"Count": len(names), "Names": names} for kind, names in self.tables.items() if names}
        partitions = {kind: {"Count": count} for kind, count in self.partitions.items() if count}
        return json.dumps({"TABLE": tables, "PARTITION": partitions})


class Registration:
    """The catalog, as one crawl writes it."""

    def __init__(self, catalog: Mapping[str, Operation], crawler: Document, crawl_id: str, policy: Policy) -> None:
        self._catalog, self._crawler, self._crawl_id = catalog, crawler, crawl_id
        self._policy = policy
        self.check: Callable[[], None] = lambda: None  # called before each request; raises where the crawl is to stop
        self.changes = Changes()

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """One request to the catalog. Raises ServiceError."""
        self.check()
        return self._catalog[operation](request)

    def tables(self, database: str) -> list[Document]:
        """All tables of a database; it is made where there is none."""
        try:
            return self._all_of("GetTables", "TableList", DatabaseName=database)
        except ServiceError as error:
            if error.code != "EntityNotFoundException":
                raise
        try:
            self.call("CreateDatabase", DatabaseInput={"Name": database})
        except ServiceError as error:
            if error.code != "AlreadyExistsException":  # another crawler has just made it
                raise
        return self._all_of("GetTables", "TableList", DatabaseName=database)

    def partitions(self, table: Document) -> list[Document]:
        """All partitions of a table."""
        named = {"DatabaseName": table["DatabaseName"], "TableName": table["Name"]}
        return self._all_of("GetPartitions", "Partitions", **named, MaxResults=PAGE)

    def register(self, database: str, found: Sequence[Registrable]) -> None:
        """Make or update tables with their partitions; tables of this crawler that were not found are gone."""
        there = {table["Name"]: table for table in self.tables(database)}
        found_names: set[str] = set()
        for one in found:
            name = one.name
            taken = there.get(name)
            if name in found_names or (taken is not None and _location(taken) != one.location.rstrip("/")):
                name = other_name(name, one.location)
            found_names.add(name)
            self.register_table(database, name, one, there.get(name))
        for name, table in () if self._policy.new_folders else there.items():
            is_own = table.get("Parameters", {}).get(OWNER) == self._crawler["Name"]
            if is_own and name not in found_names:
                self._gone(table)

    def register_table(self, database: str, name: str, found: Registrable, before: Document | None) -> None:
        """Make or update one table with its partitions."""
        if before is not None and _has_own_writer(before):
            return
        marks = written_by(self._crawler["Name"], self._crawl_id)
        wanted = _marked(found.table | {"Name": name}, marks)
        if before is not None and not _same_keys(before, wanted):
            if self._policy.merges or not self._policy.updates:
                self.changes.notes.append(f"the partition keys of {name} differ from its folders; the table is left")
                return
            self.call("DeleteTable", DatabaseName=database, Name=name)
            self.call("CreateTable", DatabaseName=database, TableInput=wanted)
            self.changes.tables["UPDATE"].append(name)
        elif before is not None:
            wanted = self._update(database, before, wanted | {"PartitionKeys": before["PartitionKeys"]})
        else:
            self.call("CreateTable", DatabaseName=database, TableInput=wanted)
            self.changes.tables["ADD"].append(name)
        if wanted["PartitionKeys"]:
            self._register_partitions(database, wanted, found.partitions)

    def add_partitions(self, table: Document, found: Sequence[Document]) -> None:
        """Add new partitions to a table and leave all else as it is."""
        self._create(table["DatabaseName"], table["Name"], [self._partition(table, one) for one in found])

    def _update(self, database: str, before: Document, wanted: Document) -> Document:
        """Update a table as the policy says; the table as it is then."""
        after = {name: before[name] for name in OF_A_TABLE if name in before}
        old = before.get("Parameters", {})
        if self._policy.merges:
            after = with_new_columns(after, wanted)
            changed = [name for name in FIXED if old.get(name, "") != wanted["Parameters"].get(name, "")]
            if changed and old:
                self.changes.notes.append(f"{before['Name']}: {', '.join(changed)} changed; the table is deprecated")
                after["Parameters"] = old | {DEPRECATED: _now()}
        elif self._policy.updates:
            after = wanted
        is_back = DEPRECATED in old and DEPRECATED not in after["Parameters"]
        if is_back or not _holds(before, after, leaving_out=RUN_ID):
            old, new = before["StorageDescriptor"], after["StorageDescriptor"]
            is_same = all(_holds(old.get(part), new.get(part)) for part in SCHEMA)
            version = {"VersionId": before["VersionId"], "SkipArchive": is_same}  # counts alone make no version
            self.call("UpdateTable", DatabaseName=database, TableInput=after, **version)
            self.changes.tables["UPDATE"].append(before["Name"])
        return after

    def _register_partitions(self, database: str, table: Document, found: Sequence[Document]) -> None:
        before = {tuple(one["Values"]): one for one in self.partitions(table | {"DatabaseName": database})}
        wanted = {tuple(one["Values"]): self._partition(table, one) for one in found}
        self._create(database, table["Name"], [one for values, one in wanted.items() if values not in before])
        if self._policy.updates or self._policy.inherits:
            if self._policy.merges and not self._policy.inherits:
                wanted |= {
                    values: with_new_columns({part: before[values].get(part, {}) for part in one}, one)
                    for values, one in wanted.items()
                    if values in before
                }
            changed = [
                {"PartitionValueList": list(values), "PartitionInput": one}
                for values, one in wanted.items()
                if values in before and not _holds(before[values], one)
            ]
            self._in_batches("BatchUpdatePartition", "Entries", database, table["Name"], changed)
            self.changes.partitions["UPDATE"] += len(changed)
        self._gone_partitions(database, table["Name"], [one for values, one in before.items() if values not in wanted])

    def _create(self, database: str, table: str, new: list[Document]) -> None:
        self._in_batches("BatchCreatePartition", "PartitionInputList", database, table, new)
        self.changes.partitions["ADD"] += len(new)

    def _partition(self, table: Document, found: Document) -> Document:
        if not self._policy.inherits:
            return found
        own = found["StorageDescriptor"]
        inherited = table["StorageDescriptor"] | {"Location": own["Location"], "Parameters": own["Parameters"]}
        return found | {"StorageDescriptor": inherited}

    def _gone(self, table: Document) -> None:
        name = table["Name"]
        if self._policy.deletes == "DELETE_FROM_DATABASE":
            self.call("DeleteTable", DatabaseName=table["DatabaseName"], Name=name)
        elif self._policy.deletes == "DEPRECATE_IN_DATABASE" and DEPRECATED not in table["Parameters"]:
            kept = {key: table[key] for key in OF_A_TABLE if key in table}
            kept["Parameters"] = table["Parameters"] | {DEPRECATED: _now()}
            self.call("UpdateTable", DatabaseName=table["DatabaseName"], TableInput=kept)
        else:
            if self._policy.deletes == "LOG":
                self.changes.notes.append(f"the files of table {name} are gone")
            return
        self.changes.tables["DELETE"].append(name)

    def _gone_partitions(self, database: str, table: str, gone: list[Document]) -> None:
        if self._policy.deletes == "DELETE_FROM_DATABASE":
            named = [{"Values": one["Values"]} for one in gone]
            self._in_batches("BatchDeletePartition", "PartitionsToDelete", database, table, named)
        elif self._policy.deletes == "DEPRECATE_IN_DATABASE":
            gone = [one for one in gone if DEPRECATED not in one.get("Parameters", {})]
            marked = [
                {"Values": one["Values"], "StorageDescriptor": one["StorageDescriptor"]}
                | {"Parameters": one.get("Parameters", {}) | {DEPRECATED: _now()}}
                for one in gone
            ]
            entries = [{"PartitionValueList": one["Values"], "PartitionInput": one} for one in marked]
            self._in_batches("BatchUpdatePartition", "Entries", database, table, entries)
        elif gone:
            self.changes.notes.append(f"the files of {len(gone)} partitions of {table} are gone")
            return
        self.changes.partitions["DELETE"] += len(gone)

    def _in_batches(self, operation: str, label: str, database: str, table: str, items: list[Document]) -> None:
        for start in range(0, len(items), BATCH):
            named: Document = {"DatabaseName": database, "TableName": table, label: items[start : start + BATCH]}
            for error in self.call(operation, **named).get("Errors", []):
                detail = error["ErrorDetail"]
                if detail["ErrorCode"] not in DONE_BY_OTHERS:
                    raise ServiceError(detail["ErrorCode"], f"{operation} of {table}: {detail['ErrorMessage']}")

    def _all_of(self, operation: str, label: str, **request: Any) -> list[Document]:
        return list(all_of(lambda page: self.call(operation, **page), request, label))


def _marked(table: Document, marks: Mapping[str, str]) -> Document:
    descriptor = table["StorageDescriptor"]
    inner = {"Parameters": marks | descriptor["Parameters"]} if "Parameters" in descriptor else {}
    return table | {"Parameters": table["Parameters"] | marks, "StorageDescriptor": descriptor | inner}


def _has_own_writer(table: Document) -> bool:
    """Whether an Iceberg table is one whose jobs commit to the catalog: it knows better which metadata is current."""
    parameters = table.get("Parameters", {})
    is_iceberg = parameters.get("table_type", "").upper() == "ICEBERG"
    return is_iceberg and (OWNER not in parameters or "previous_metadata_location" in parameters)


def _location(table: Document) -> str:
    return str(table.get("StorageDescriptor", {}).get("Location", "")).rstrip("/")


def _same_keys(before: Document, wanted: Document) -> bool:
    """Whether a table's partition keys can stay: as many, and where folders have names, these."""
    old, new = [key["Name"] for key in before["PartitionKeys"]], [key["Name"] for key in wanted["PartitionKeys"]]
    return len(old) == len(new) and all(a == b or b.startswith("partition_") for a, b in zip(old, new, strict=True))


def _holds(before: Any, after: Any, leaving_out: str = "") -> bool:
    """Whether what is wanted is there: a catalog may add members of its own."""
    if isinstance(after, dict) and isinstance(before, dict):
        return all(_holds(before.get(name), value, leaving_out) for name, value in after.items() if name != leaving_out)
    if isinstance(after, list) and isinstance(before, list) and len(after) == len(before):
        return all(_holds(one, other, leaving_out) for one, other in zip(before, after, strict=True))
    return bool(before == after) or (not before and not after)


def _now() -> str:
    return str(int(time.time() * 1000))
