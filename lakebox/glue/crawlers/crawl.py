"""One crawl, from a crawler's targets to the catalog: list, read footers and beginnings, group, register."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from jobs.lake.layout import objects_by_partition
from jobs.lake.store import StorageError, Store, StoredObject
from lakebox.endpoint.service import Operation, ServiceError
from lakebox.glue.crawlers.configuration import policy_of
from lakebox.glue.crawlers.formats.detect import schema_of
from lakebox.glue.crawlers.formats.iceberg import iceberg_input, iceberg_tables
from lakebox.glue.crawlers.formats.schema import UnreadableError
from lakebox.glue.crawlers.grouping import CrawledFile, FoundPartition, FoundTable, folder_of, tables_of
from lakebox.glue.crawlers.lake_tables import KnownTable, KnownTables
from lakebox.glue.crawlers.new_folders import NewFolders
from lakebox.glue.crawlers.registration import Changes, Registration
from lakebox.glue.crawlers.table_input import Registrable, known_registrable, registrable, table_name
from lakebox.glue.crawlers.targets import Listing, OpenBucket, Place, listed, place_of
from lakebox.glue.data_catalog.documents import Document

READERS = 8  # each with a megabyte of text at most, which takes ten as objects
AT_ONCE = 256  # files read between two looks at whether the crawl is to stop


@dataclass(frozen=True)
class Surroundings:
    """What crawls work with: the catalog's operations, the buckets, and the tables that need not be guessed."""

    catalog: Mapping[str, Operation]
    open_bucket: OpenBucket
    known_tables: KnownTables


class Crawl:
    """A crawl of one crawler. classifiers: the user's own, in the crawler's order."""

    def __init__(self, crawler: Document, crawl_id: str, classifiers: Sequence[Document], around: Surroundings) -> None:
        self._crawler, self._classifiers, self._around = crawler, classifiers, around
        self._policy = policy_of(crawler)
        self._check: Callable[[], None] = lambda: None
        self._registration = Registration(around.catalog, crawler, crawl_id, self._policy)
        self._notes = self._registration.changes.notes

    @property
    def changes(self) -> Changes:
        """What the crawl has changed so far, and notes on what could not be read."""
        return self._registration.changes

    def run(self, check: Callable[[], None]) -> None:
        """Crawl all targets. Raises ServiceError and StorageError; what was registered until then stays.

        check: called before each step; what it raises ends the crawl
        """
        self._check = self._registration.check = check
        targets = self._crawler["Targets"]
        for target in targets.get("CatalogTargets", []):
            for name in target["Tables"]:
                self._crawl_catalog_table(target["DatabaseName"].lower(), name.lower())
        if targets.get("S3Targets") or targets.get("IcebergTargets"):
            self._crawl_places()

    def _crawl_places(self) -> None:
        targets, database = self._crawler["Targets"], (self._crawler.get("DatabaseName") or "default").lower()
        known = NewFolders(self._registration, database, self._crawler) if self._policy.new_folders else None
        found = [one for target in targets.get("S3Targets", []) for one in self._s3_target(target, known)]
        found += [one for target in targets.get("IcebergTargets", []) for one in self._iceberg_target(target)]
        if 0 < self._policy.most_tables < len(found):
            text = f"The number of tables detected by crawler: {len(found)} is greater than the table threshold value"
            text = f"{text} provided: {self._policy.most_tables}. Failing crawler without writing to Data Catalog."
            raise ServiceError("InvalidInputException", text)
        self._registration.register(database, found)

    def _s3_target(self, target: Document, registered: NewFolders | None) -> Iterable[Registrable]:
        store = self._around.open_bucket(place_of(target["Path"]).bucket)
        exclusions = target.get("Exclusions", [])
        listing = self._listed(store, target["Path"], exclusions)
        place, objects = listing.place, listing.objects
        for known in self._around.known_tables(place.bucket, store):
            location = known.definition.location
            if location.startswith(place.key):
                own = [stored for stored in objects if stored.key.startswith(location)]
            elif place.key.startswith(location):
                own = list(self._listed(store, f"{place.uri}{location}", ()).objects)
            else:
                continue
            objects = tuple(stored for stored in objects if not stored.key.startswith(location))
            if own or place.key == location or known.may_be_empty:
                yield self._known(store, known, own, place)
        for folder, newest in iceberg_tables(objects).items():
            objects = tuple(stored for stored in objects if not stored.key.startswith(folder))
            yield self._iceberg(store, place, folder, newest)
        if registered is not None:
            objects = tuple(stored for stored in objects if registered.is_new(place, folder_of(stored.key)))
        files = self._read(store, objects, target.get("SampleSize", 0))
        if registered is not None:
            files = registered.adopt(place, files)
        for table in tables_of(place.key, files, self._policy.grouping):
            yield registrable(table, place, self._crawler, exclusions)

    def _known(self, store: Store, known: KnownTable, objects: Sequence[StoredObject], place: Place) -> Registrable:
        """A table of catalog/, with those partitions that are committed."""
        definition = known.definition
        whole = {
            values: own
            for values, own in objects_by_partition(definition, objects).items()
            if not definition.partitions or known.is_committed(values)
        }
        files = {file.stored.key: file for file in self._read(store, [one for own in whole.values() for one in own])}
        partitions = []
        for values, own in sorted(whole.items()):
            readable = tuple(files[stored.key] for stored in own if stored.key in files)
            if readable and definition.partitions:
                partitions.append(FoundPartition(values, folder_of(readable[0].stored.key), readable))
        found = FoundTable(definition.location, definition.partition_names, tuple(partitions), tuple(files.values()))
        return known_registrable(definition, found, place, self._crawler)

    def _iceberg_target(self, target: Document) -> Iterable[Registrable]:
        deepest = target.get("MaximumTraversalDepth")
        for path in target.get("Paths", []):
            store = self._around.open_bucket(place_of(path).bucket)
            listing = self._listed(store, path, target.get("Exclusions", []))
            found = iceberg_tables(listing.objects)
            if not found:
                self._notes.append(f"{path}: no Iceberg table")
            for folder, newest in found.items():
                if deepest is None or folder[len(listing.place.key) :].count("/") <= deepest:
                    yield self._iceberg(store, listing.place, folder, newest)

    def _iceberg(self, store: Store, place: Place, folder: str, newest: StoredObject) -> Registrable:
        name = table_name(place, folder, self._crawler.get("TablePrefix", ""))
        return Registrable(name, iceberg_input(store, folder, newest, place.uri))

    def _crawl_catalog_table(self, database: str, name: str) -> None:
        """Bring a table that is there in line with its location: new partitions, and columns as the policy says."""
        table = self._registration.call("GetTable", DatabaseName=database, Name=name)["Table"]
        location = table.get("StorageDescriptor", {}).get("Location", "")
        store = self._around.open_bucket(place_of(location).bucket)
        listing = self._listed(store, f"{location.rstrip('/')}/", ())
        place = listing.place
        known = [one for one in self._around.known_tables(place.bucket, store) if one.definition.location == place.key]
        if known:
            self._registration.register_table(
                database, name, self._known(store, known[0], listing.objects, place), table
            )
            return
        metadata = iceberg_tables(listing.objects).get(place.key)
        if metadata is not None:
            self._registration.register_table(database, name, self._iceberg(store, place, place.key, metadata), table)
            return
        files = self._read(store, listing.objects)
        found = tables_of(place.key, files, replace(self._policy.grouping, combine=True, level=0))
        depth = len(table["PartitionKeys"])
        if len(found) != 1 or found[0].folder != place.key or len(found[0].keys) != depth:
            self._notes.append(f"{location}: its files are not one table with {depth} partition keys; {name} is left")
            return
        own = registrable(found[0], place, self._crawler, ())
        self._registration.register_table(database, name, own, table)

    def _listed(self, store: Store, path: str, exclusions: Sequence[str]) -> Listing:
        self._check()
        listing = listed(store, path, exclusions)
        self._notes += listing.notes
        return listing

    def _read(self, store: Store, objects: Sequence[StoredObject], sample_size: int = 0) -> list[CrawledFile]:
        """The objects that can be read. sample_size: of each folder only so many are, the others are taken as alike."""
        by_folder: dict[str, list[StoredObject]] = defaultdict(list)
        for stored in objects:
            by_folder[folder_of(stored.key)].append(stored)
        asked = [one for own in by_folder.values() for one in (own[:sample_size] if sample_size else own)]
        read: list[CrawledFile] = []
        with ThreadPoolExecutor(READERS, thread_name_prefix="crawl") as pool:
            for start in range(0, len(asked), AT_ONCE):
                self._check()
                found = pool.map(partial(self._file, store), asked[start : start + AT_ONCE])
                read += [file for file in found if file is not None]
        if sample_size:
            alike = {folder_of(file.stored.key): file for file in reversed(read)}
            rest = [one for folder, own in by_folder.items() if folder in alike for one in own[sample_size:]]
            read += [_as(alike[folder_of(stored.key)], stored) for stored in rest]
        return sorted(read, key=lambda file: file.stored.key)

    def _file(self, store: Store, stored: StoredObject) -> CrawledFile | None:
        try:
            return CrawledFile(stored, schema_of(store, stored, self._classifiers))
        except UnreadableError as error:
            self._notes.append(f"{store.uri(stored.key)}: {error}")
            return None
        except StorageError:
            if any(one.key == stored.key for one in store.list(folder_of(stored.key))):
                raise
            return None  # a job has deleted it since it was listed


def _as(file: CrawledFile, stored: StoredObject) -> CrawledFile:
    """An object that was not read, taken to be like one of its folder that was."""
    records = round(file.schema.records * stored.size / file.stored.size)
    return CrawledFile(stored, replace(file.schema, records=records))
