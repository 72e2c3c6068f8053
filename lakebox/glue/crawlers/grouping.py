"""Which files make a table, and which folders are its partitions, as Glue's crawlers decide.

From the include path down, a folder is one table where all below it have the same format, compression and depth, and
more than 70 % of the folders in it (of its files, where it has no folders) have similar schemas, with at most five
different ones; of each of these folders the same must be true. Else each of its folders is looked at by itself, and
each file that lies in it is a table of its own.

A folder `key=value` is a partition with a name; others are partition_0, partition_1, … by their depth.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jobs.lake.layout import unescape_path_name
from jobs.lake.store import StoredObject
from lakebox.glue.crawlers.formats.schema import FileSchema
from lakebox.glue.crawlers.formats.types import Columns, merged_columns

SIMILAR = 0.7  # of the columns of two schemas, by their names
MAJORITY = 0.7  # of folders or files must be similar: more than this
MOST_SCHEMAS = 5


@dataclass(frozen=True)
class CrawledFile:
    """A file and what it holds."""

    stored: StoredObject
    schema: FileSchema


@dataclass(frozen=True)
class FoundPartition:
    """A partition: its values, its folder (a key that ends in `/`) and its files."""

    values: tuple[str, ...]
    folder: str
    files: tuple[CrawledFile, ...]


@dataclass(frozen=True)
class FoundTable:
    """A table: its folder (a key that ends in `/`, or the key of its only file), partition keys, and files."""

    folder: str
    keys: tuple[str, ...]
    partitions: tuple[FoundPartition, ...]
    files: tuple[CrawledFile, ...]

    @property
    def schema(self) -> FileSchema:
        """The schema of most files, with the columns that only other files have at its end."""
        return schema_of_all(self.files)


@dataclass(frozen=True)
class Grouping:
    """Grouping of a crawler's Configuration: combine takes schemas for similar that have the same format.

    level: how deep tables are, counted from the bucket, which is 1; 0: as the schemas say
    """

    combine: bool = False
    level: int = 0


def tables_of(root: str, files: Sequence[CrawledFile], grouping: Grouping) -> list[FoundTable]:
    """The tables in a folder, sorted by key. root: the include path, "" or a key that ends in `/`, or a file's key."""
    if not grouping.level:
        return _tables(root, files, combine=grouping.combine)
    by_root: dict[str, list[CrawledFile]] = defaultdict(list)
    for file in files:
        folders = file.stored.key.split("/")[:-1][: grouping.level - 1]
        by_root[max("".join(f"{folder}/" for folder in folders), root, key=len)].append(file)
    return [table for at, own in sorted(by_root.items()) for table in _tables(at, own, combine=grouping.combine)]


def schema_of_all(files: Sequence[CrawledFile]) -> FileSchema:
    """One schema for files of one format: records and sizes are those of all files together."""
    distinct: dict[Columns, FileSchema] = {}
    counts: dict[Columns, int] = defaultdict(int)
    for file in files:
        distinct.setdefault(file.schema.columns, file.schema)
        counts[file.schema.columns] += 1
    ordered = sorted(distinct.values(), key=lambda schema: -counts[schema.columns])
    first = ordered[0]
    records = sum(file.schema.records for file in files)
    size = sum(file.schema.records * file.schema.record_bytes for file in files)
    columns = merged_columns([schema.columns for schema in ordered], is_text=first.is_text)
    mean = size // records if records else first.record_bytes
    return FileSchema(first.classification, first.compression, columns, records, mean, first.details)


def partition_at(root: str, folder: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Partition keys and values of a folder below a table's root."""
    names, values = [], []
    for depth, level in enumerate(folder[len(root) :].split("/")[:-1]):
        name, equals, value = level.partition("=")
        has_name = bool(equals and name)
        key = unescape_path_name(name).lower() if has_name else ""
        names.append(key if key and key not in names else f"partition_{depth}")
        values.append(unescape_path_name(value) if has_name else level)
    return tuple(names), tuple(values)


def folder_of(key: str) -> str:
    """The folder of an object: its key up to the last `/`, with it."""
    return key[: key.rfind("/") + 1]


def are_similar(first: Columns, second: Columns) -> bool:
    """Whether two schemas share at least 70 % of their columns, by name."""
    return _share_many({name.lower() for name, _ in first}, {name.lower() for name, _ in second})


def _tables(root: str, files: Sequence[CrawledFile], *, combine: bool) -> list[FoundTable]:
    if not files:
        return []
    table = _one_table(root, files, combine=combine)
    if table is not None:
        return [table]
    by_folder: dict[str, list[CrawledFile]] = defaultdict(list)
    for file in files:
        folder, slash, _ = file.stored.key[len(root) :].partition("/")
        by_folder[f"{root}{folder}/" if slash else ""].append(file)
    own = by_folder.pop("", [])
    together = _one_table(root, own, combine=combine) if own and by_folder else None
    alone = [together] if together else [FoundTable(file.stored.key, (), (), (file,)) for file in own]
    below = [table for folder, inner in sorted(by_folder.items()) for table in _tables(folder, inner, combine=combine)]
    return sorted([*alone, *below], key=lambda found: found.folder)


def _one_table(root: str, files: Sequence[CrawledFile], *, combine: bool) -> FoundTable | None:
    """All files as one table; None where they are too different."""
    if root == files[0].stored.key:
        return FoundTable(root, (), (), tuple(files))
    by_folder: dict[str, list[CrawledFile]] = defaultdict(list)
    for file in files:
        by_folder[folder_of(file.stored.key)].append(file)
    places = {folder: partition_at(root, folder) for folder in by_folder}
    keys = {names for names, _ in places.values()}
    if len({file.schema.kind for file in files}) > 1 or len(keys) > 1:
        return None
    if not combine and not _most_are_similar(root, files):
        return None
    partitions = [FoundPartition(places[folder][1], folder, tuple(own)) for folder, own in sorted(by_folder.items())]
    (names,) = keys
    return FoundTable(root, names, tuple(partitions) if names else (), tuple(files))


def _most_are_similar(root: str, files: Sequence[CrawledFile]) -> bool:
    """Whether most folders right below a root have similar schemas, and each of these holds similar files itself."""
    units: dict[str, list[CrawledFile]] = defaultdict(list)
    for file in files:
        part, slash, _ = file.stored.key[len(root) :].partition("/")
        units[f"{root}{part}{slash}"].append(file)
    counts: dict[frozenset[str], int] = defaultdict(int)
    for at, own in units.items():
        if not at.endswith("/") or _most_are_similar(at, own):
            counts[frozenset(name.lower() for file in own for name, _ in file.schema.columns)] += 1
    clusters: list[tuple[frozenset[str], int]] = []
    for names, count in sorted(counts.items(), key=lambda item: (-item[1], sorted(item[0]))):
        near = next((number for number, (other, _) in enumerate(clusters) if _share_many(names, other)), None)
        if near is None:
            clusters.append((names, count))
        else:
            clusters[near] = (clusters[near][0], clusters[near][1] + count)
    most = max((count for _, count in clusters), default=0)
    return len(clusters) <= MOST_SCHEMAS and most > MAJORITY * len(units)


def _share_many(first: Iterable[str], second: Iterable[str]) -> bool:
    one, other = set(first), set(second)
    return 2 * len(one & other) >= SIMILAR * (len(one) + len(other))
