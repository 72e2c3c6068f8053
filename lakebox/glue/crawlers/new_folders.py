"""Crawls of new folders only (CRAWL_NEW_FOLDERS_ONLY): what earlier crawls have registered is not looked at again."""

from collections import defaultdict
from collections.abc import Sequence

from lakebox.glue.crawlers.formats.types import Columns
from lakebox.glue.crawlers.grouping import (
    CrawledFile,
    FoundPartition,
    FoundTable,
    are_similar,
    folder_of,
    partition_at,
    schema_of_all,
)
from lakebox.glue.crawlers.registration import Registration
from lakebox.glue.crawlers.table_input import OWNER, registrable
from lakebox.glue.crawlers.targets import Place
from lakebox.glue.data_catalog.documents import Document


class NewFolders:
    """The tables of a crawler and their folders, as they were when the crawl began."""

    def __init__(self, registration: Registration, database: str, crawler: Document) -> None:
        self._registration, self._crawler = registration, crawler
        self._tables: dict[str, Document] = {}
        self._folders: set[str] = set()
        for table in registration.tables(database):
            if table.get("Parameters", {}).get(OWNER) == crawler["Name"]:
                location = table["StorageDescriptor"]["Location"]
                self._tables[f"{location.rstrip('/')}/"] = table
                partitions = registration.partitions(table) if table["PartitionKeys"] else []
                self._folders |= {partition["StorageDescriptor"]["Location"] for partition in partitions}
                if not table["PartitionKeys"]:
                    self._folders.add(folder_of(location))

    def is_new(self, place: Place, folder: str) -> bool:
        """Whether no table or partition is registered at a folder."""
        return f"{place.uri}{folder}" not in self._folders

    def adopt(self, place: Place, files: Sequence[CrawledFile]) -> list[CrawledFile]:
        """Add folders to the tables that they lie below, if they fit them; the files that lie below no table."""
        by_folder: dict[str, list[CrawledFile]] = defaultdict(list)
        for file in files:
            by_folder[folder_of(file.stored.key)].append(file)
        rest: list[CrawledFile] = []
        for folder, own in sorted(by_folder.items()):
            location = next((at for at in self._tables if f"{place.uri}{folder}".startswith(at)), None)
            if location is None:
                rest += own
            else:
                self._adopt(place, self._tables[location], location[len(place.uri) :], own)
        return rest

    def _adopt(self, place: Place, table: Document, root: str, files: Sequence[CrawledFile]) -> None:
        folder = folder_of(files[0].stored.key)
        keys, values = partition_at(root, folder)
        columns: Columns = tuple((column["Name"], None) for column in table["StorageDescriptor"]["Columns"])
        seen = schema_of_all(files)
        fits = len(keys) == len(table["PartitionKeys"]) and are_similar(columns, seen.columns)
        if not fits or seen.classification != table["Parameters"].get("classification"):
            self._registration.changes.notes.append(f"{place.uri}{folder} does not fit table {table['Name']}")
            return
        partition = FoundPartition(values, folder, tuple(files))
        found = registrable(FoundTable(root, keys, (partition,), tuple(files)), place, self._crawler, ())
        self._registration.add_partitions(table, found.partitions)
