"""What a crawler is told about changes: its SchemaChangePolicy, RecrawlPolicy and Configuration -> one value."""

import json
from dataclasses import dataclass
from typing import Any

from lakebox.endpoint.service import ServiceError
from lakebox.glue.crawlers.grouping import Grouping
from lakebox.glue.data_catalog.documents import Document

KEYS: dict[str, set[str]] = {
    "": {"Version", "CrawlerOutput", "Grouping", "CreatePartitionIndex"},
    "CrawlerOutput": {"Partitions", "Tables"},
    "CrawlerOutput.Partitions": {"AddOrUpdateBehavior"},
    "CrawlerOutput.Tables": {"AddOrUpdateBehavior", "TableThreshold"},
    "Grouping": {"TableGroupingPolicy", "TableLevelConfiguration"},
}
VALUES = {
    "CrawlerOutput.Partitions.AddOrUpdateBehavior": ("InheritFromTable",),
    "CrawlerOutput.Tables.AddOrUpdateBehavior": ("MergeNewColumns",),
    "Grouping.TableGroupingPolicy": ("CombineCompatibleSchemas",),
}
UPDATES = ("UPDATE_IN_DATABASE", "LOG")
DELETES = ("DEPRECATE_IN_DATABASE", "DELETE_FROM_DATABASE", "LOG")
RECRAWLS = ("CRAWL_EVERYTHING", "CRAWL_NEW_FOLDERS_ONLY")


@dataclass(frozen=True)
class Policy:
    """How a crawl groups files, and what it does about tables and partitions that have changed or are gone.

    updates: changed tables are written; merges: of a changed table, new columns alone
    deletes: DELETE_FROM_DATABASE, DEPRECATE_IN_DATABASE or LOG; inherits: partitions get their table's schema
    new_folders: only folders that no earlier crawl has registered
    most_tables: where more are found, nothing is written; 0: no limit
    """

    updates: bool
    deletes: str
    inherits: bool
    merges: bool
    new_folders: bool
    grouping: Grouping
    most_tables: int


def policy_of(crawler: Document) -> Policy:
    """The policy of a crawler. Raises ServiceError on what Glue refuses or lakebox does not do."""
    change, recrawl = crawler.get("SchemaChangePolicy", {}), crawler.get("RecrawlPolicy", {})
    updates = _one_of("UpdateBehavior", change.get("UpdateBehavior", UPDATES[0]), UPDATES)
    deletes = _one_of("DeleteBehavior", change.get("DeleteBehavior", DELETES[0]), DELETES)
    new_folders = _one_of("RecrawlBehavior", recrawl.get("RecrawlBehavior", RECRAWLS[0]), RECRAWLS) == RECRAWLS[1]
    if new_folders and (updates, deletes) != ("LOG", "LOG"):
        text = 'The SchemaChangePolicy for "Crawl new folders only" Amazon S3 target can have only LOG DeleteBehavior'
        raise ServiceError("InvalidInputException", f"{text} value and LOG UpdateBehavior value.")
    if crawler["Targets"].get("CatalogTargets") and deletes != "LOG":
        text = "The SchemaChangePolicy for Catalog targets can have only LOG DeleteBehavior value."
        raise ServiceError("InvalidInputException", text)
    given = configuration_of(crawler.get("Configuration", ""))
    output, grouping = given.get("CrawlerOutput", {}), given.get("Grouping", {})
    tables = output.get("Tables", {})
    return Policy(
        updates=updates == "UPDATE_IN_DATABASE",
        deletes=deletes,
        inherits="AddOrUpdateBehavior" in output.get("Partitions", {}),
        merges="AddOrUpdateBehavior" in tables,
        new_folders=new_folders,
        grouping=Grouping("TableGroupingPolicy" in grouping, int(grouping.get("TableLevelConfiguration", 0))),
        most_tables=int(tables.get("TableThreshold", 0)),
    )


def configuration_of(text: str) -> dict[str, Any]:
    """A crawler's Configuration. Raises ServiceError where it is not JSON, or has a key or value that Glue hasn't."""
    if not text.strip():
        return {}
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise ServiceError("InvalidInputException", f"Configuration is not JSON: {error}") from None
    _check("", given)
    checked: dict[str, Any] = given
    return checked


def _check(path: str, given: Any) -> None:
    if path in KEYS:
        if not isinstance(given, dict):
            raise ServiceError("InvalidInputException", f"{path or 'Configuration'} is not a JSON object")
        unknown = sorted(set(given) - KEYS[path])
        if unknown:
            text = f"{path or 'Configuration'} contains unsupported keys: {', '.join(unknown)}."
            raise ServiceError("InvalidInputException", text)
        for name, value in given.items():
            _check(f"{path}.{name}".lstrip("."), value)
    elif path in VALUES:
        _one_of(path, given, VALUES[path])
    elif path.endswith(("TableLevelConfiguration", "TableThreshold")) and not (str(given).isdigit() and int(given) > 0):
        raise ServiceError("InvalidInputException", f"{path} must be a positive number, not {given!r}")


def _one_of(name: str, value: Any, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        hint = "; lakebox has no S3 events to follow" if value == "CRAWL_EVENT_MODE" else ""
        raise ServiceError("InvalidInputException", f"{name} must be {' or '.join(allowed)}, not {value!r}{hint}")
    return str(value)
