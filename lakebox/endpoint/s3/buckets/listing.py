"""Keys of a bucket in the order of their UTF-8 bytes, from its folders; those that a prefix rules out stay closed."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LAST = "\U0010ffff"


@dataclass(frozen=True)
class Listing:
    """A page: keys with their files, common prefixes, and the last entry of it where there are more."""

    keys: list[tuple[str, Path]]
    prefixes: list[str]
    more_after: str | None


@dataclass(frozen=True)
class Wanted:
    """What a listing asks for: keys with a prefix, grouped up to a delimiter, after a key, at most so many."""

    prefix: str
    delimiter: str
    after: str
    most: int


def page(folder: Path, markers: set[str], wanted: Wanted) -> Listing:
    """A page of a bucket's listing; markers are the keys of folders that are objects of their own."""
    prefix, delimiter, after, most = wanted.prefix, wanted.delimiter, wanted.after, wanted.most
    keys: list[tuple[str, Path]] = []
    prefixes: list[str] = []
    last = after
    while True:
        for key, path in walk(folder, "", prefix, last, markers):
            end = key.find(delimiter, len(prefix)) if delimiter else -1
            group = key[: end + len(delimiter)] if end >= 0 else None
            if group is not None and group == after:
                last = group + LAST
                break
            if len(keys) + len(prefixes) == most:
                return Listing(keys, prefixes, last.removesuffix(LAST) if most else after)
            if group is not None:
                prefixes.append(group)
                last = group + LAST
                break
            keys.append((key, path))
            last = key
        else:
            return Listing(keys, prefixes, None)


def walk(folder: Path, above: str, prefix: str, after: str, markers: set[str]) -> Iterator[tuple[str, Path]]:
    """Keys below a folder that start with a prefix and come after a key, in order."""
    try:
        with os.scandir(folder) as scanned:
            entries = [(entry.name + "/" if entry.is_dir() else entry.name, entry.path) for entry in scanned]
    except (FileNotFoundError, NotADirectoryError):  # deleted meanwhile
        return
    for name, path in sorted(entries, key=lambda entry: entry[0].encode("utf-8", "surrogateescape")):
        key = above + name
        is_folder = name.endswith("/")
        if not (key.startswith(prefix) or (is_folder and prefix.startswith(key))):
            continue
        if is_folder:
            if key in markers and key > after and key.startswith(prefix):
                yield key, Path(path)
            if _may_follow(key, after) and not _leads_out(path, folder):
                yield from walk(Path(path), key, prefix, after, markers)
        elif key.encode("utf-8", "surrogateescape") > after.encode("utf-8", "surrogateescape"):
            yield key, Path(path)


def _may_follow(folder: str, after: str) -> bool:
    """Whether a folder can hold keys that come after a key."""
    return folder.encode("utf-8", "surrogateescape") > after.encode("utf-8", "surrogateescape") or after.startswith(
        folder
    )


def _leads_out(path: str, above: Path) -> bool:
    """Whether an entry is a link to a folder elsewhere."""
    return Path(path).is_symlink() and not Path(path).resolve().is_relative_to(above.resolve())
