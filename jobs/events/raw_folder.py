"""Looks through a raw folder for raw_to_bronze: which files to read, which are new, and which have another ending.

No file is opened here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from jobs.lake.errors import LakeboxError
from jobs.lake.layout import fingerprint
from jobs.lake.store import Store, StoredObject

RAW_SUFFIXES = (".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz")
LAKE_STATE = "_state"  # every lake has a folder of this name at its root
MOST_NAMED = 3


class RawFolderError(LakeboxError):
    """The raw folder has nothing that could ever be read."""


@dataclass(frozen=True)
class RawFolder:
    """The files of a raw folder that are read, and the keys of those that are left alone for their ending.

    Names that start with `_` or `.`, and whole lakes that lie below the folder, count as neither.
    """

    store: Store
    files: tuple[StoredObject, ...]
    left_alone: tuple[str, ...]

    def new_files(self, seen: Iterable[str]) -> list[tuple[StoredObject, str]]:
        """The files whose path or content is not among the fingerprints in `seen`, each with its own fingerprint."""
        read_before = set(seen)
        marked = [(stored, fingerprint(self.store.uri(stored.key), stored.version)) for stored in self.files]
        return [(stored, mark) for stored, mark in marked if mark not in read_before]

    @property
    def note(self) -> str:
        """`2 files have another ending and are left alone: a.csv, b.bz2`; empty where there are none."""
        count, names = len(self.left_alone), ", ".join(self.left_alone[:MOST_NAMED])
        have = "file has another ending and is" if count == 1 else "files have another ending and are"
        return f"{count} {have} left alone: {names}{', …' if count > MOST_NAMED else ''}" if count else ""


def raw_folder(store: Store, *, may_be_empty: bool = True) -> RawFolder:
    """Look through a folder. Raises RawFolderError where it is a lake, or has files but none with a known ending.

    may_be_empty: a folder without any file raises RawFolderError, too, where this is False.
    """
    stored_files = store.list()
    states = [f"/{stored.key}".partition(f"/{LAKE_STATE}/") for stored in stored_files]
    lakes = tuple({f"{lake}/"[1:] for lake, state, _ in states if state})
    if "" in lakes:
        raise RawFolderError(f"{store.root} is a lake; name the folder of your raw files with --raw")
    shown = [stored for stored in stored_files if not is_hidden(stored.key) and not stored.key.startswith(lakes)]
    files = tuple(stored for stored in shown if stored.key.lower().endswith(RAW_SUFFIXES))
    left_alone = tuple(stored.key for stored in shown if not stored.key.lower().endswith(RAW_SUFFIXES))
    folder = RawFolder(store, files, left_alone)
    if not files and (left_alone or not may_be_empty):
        endings = "files that end in .json, .jsonl or .ndjson are read, each also with .gz"
        raise RawFolderError("; ".join(filter(None, [f"{store.root} has no file to read: {endings}", folder.note])))
    return folder


def is_hidden(key: str) -> bool:
    """Whether a file is left alone for its name, or its folder's, which starts with `_` or `.`."""
    return any(part.startswith(("_", ".")) for part in key.split("/"))
