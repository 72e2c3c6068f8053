"""The page of storage: the objects of the lake's bucket as a tree of folders with sizes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lakebox.site.cells import bytes_text, plural
from lakebox.site.inventory import ObjectFact
from lakebox.site.source import Source

MOST_ENTRIES = 30  # of one folder that are shown
MOST_NODES = 1_500  # of the whole tree
MEANING = {
    "bronze": "every change ever received",
    "silver": "the current state of each event",
    "gold": "features, a snapshot a day",
    "quarantine": "what could not be read",
    "audit": "the record of runs",
    "reports": "the quality gate's report",
    "athena-results": "results of queries",
    "_state": "what the jobs remember between runs",
}


@dataclass
class Folder:
    """A folder of the tree. left_out: entries that are not shown, for there are too many."""

    name: str
    size: int = 0
    count: int = 0
    meaning: str = ""
    folders: dict[str, "Folder"] = field(default_factory=dict)
    files: list[ObjectFact] = field(default_factory=list)
    left_out: int = 0
    share: float = 0.0


def content(source: Source) -> Mapping[str, Any]:
    """The tree of the lake's bucket, and its top folders against each other."""
    listing = source.objects_of(source.bucket)
    root = tree(source.bucket, listing.objects)
    for name, folder in root.folders.items():
        folder.meaning = MEANING.get(name, "")
        folder.share = round(100 * folder.size / root.size, 2) if root.size else 0.0
    shorten(root, MOST_NODES)
    total = ("at least " if not listing.is_whole else "") + bytes_text(root.size)
    return {"root": root, "total": total, "count": plural(root.count, "object")}


def tree(name: str, objects: Sequence[ObjectFact]) -> Folder:
    """Objects by the folders of their keys, sizes added up."""
    root = Folder(name)
    for each in objects:
        *folders, last = each.key.split("/")
        at = root
        at.size, at.count = at.size + each.size, at.count + 1
        for part in folders:
            at = at.folders.setdefault(part, Folder(part))
            at.size, at.count = at.size + each.size, at.count + 1
        at.files.append(ObjectFact(last, each.size))
    return root


def shorten(folder: Folder, room: int) -> int:
    """Leave out entries of large folders, and all below a tree that is too large; how much room is left."""
    folders, files = list(folder.folders.items()), folder.files
    kept = dict(folders[: min(MOST_ENTRIES, max(0, room))])
    room -= len(kept)
    shown_files = files[: min(MOST_ENTRIES, max(0, room))]
    room -= len(shown_files)
    folder.left_out = len(folders) - len(kept) + len(files) - len(shown_files)
    folder.folders, folder.files = kept, shown_files
    for each in kept.values():
        room = shorten(each, room)
    return room
