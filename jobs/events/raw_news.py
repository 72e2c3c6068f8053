"""A raw folder -> the files in it that are news: never read, or changed since. It opens none of them."""

from collections.abc import Iterable

from jobs.lake.layout import fingerprint
from jobs.lake.store import Store, StoredObject

RAW_SUFFIXES = (".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz")


def is_raw_file(key: str) -> bool:
    """Whether a file is one to read: known ending, and no name or folder that starts with `_` or `.`."""
    hidden = any(part.startswith(("_", ".")) for part in key.split("/"))
    return key.lower().endswith(RAW_SUFFIXES) and not hidden


def raw_files_that_are_news(store: Store, seen: Iterable[str], lake_root: str = "") -> list[tuple[StoredObject, str]]:
    """Raw files whose path or content was not read before, each with its fingerprint.

    lake_root: URI of the lake; where it lies among the raw files, its own files are none of them
    """
    known, lake_uri = set(seen), f"{lake_root.rstrip('/')}/"
    found = [stored for stored in store.list() if is_raw_file(stored.key)]
    marked = [(stored, fingerprint(store.uri(stored.key), stored.version)) for stored in found]
    ours = lake_root and lake_uri.startswith(store.uri(""))
    return [
        (stored, mark)
        for stored, mark in marked
        if mark not in known and not (ours and store.uri(stored.key).startswith(lake_uri))
    ]
