"""What a target names: include path and exclude patterns -> the objects to crawl."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from jobs.lake.store import StorageError, Store, StoredObject
from lakebox.endpoint.service import ServiceError

OpenBucket = Callable[[str], Store]  # a bucket's name -> its objects; raises StorageError where there is none
SCHEMES = ("s3", "s3a", "s3n")
LOGS = {"_delta_log": "Delta Lake", ".hoodie": "Hudi"}


@dataclass(frozen=True)
class Place:
    """An include path: a bucket, and a folder in it (a key that ends in `/`, or ""), or the key of one object."""

    bucket: str
    key: str

    @property
    def uri(self) -> str:
        """The bucket's URI, to which keys are added."""
        return f"s3://{self.bucket}/"


@dataclass(frozen=True)
class Listing:
    """The objects of a target, sorted by key, and what was left out although it may be data."""

    place: Place
    objects: tuple[StoredObject, ...]
    notes: tuple[str, ...]


def place_of(path: str) -> Place:
    """The place of an include path, with s3://, s3a://, s3n:// or without. Raises ServiceError on any other."""
    scheme, _, rest = path.partition("://") if "://" in path else ("s3", "", path)
    bucket, _, key = rest.lstrip("/").partition("/")
    if scheme.lower() not in SCHEMES or not bucket:
        raise ServiceError("InvalidInputException", f"{path!r} is no include path: name s3://bucket/folder/")
    return Place(bucket, key)


def listed(store: Store, path: str, exclusions: Sequence[str] = ()) -> Listing:
    """The objects below an include path that readers would see: no empty ones, none whose name starts with _ or a dot.

    A path without a `/` at its end is a folder where there is one, else an object. Raises StorageError.
    """
    place = place_of(path)
    folder = place.key if place.key.endswith("/") or not place.key else f"{place.key}/"
    found = store.list(folder)
    if not found and folder != place.key:
        parent = folder[: folder.rstrip("/").rfind("/") + 1]
        alone = [stored for stored in store.list(parent) if stored.key == place.key]
        return Listing(place, tuple(stored for stored in alone if stored.size), ())
    misnamed = [stored for stored in found if not _is_utf8(stored.key)]
    excluded = [_pattern(glob) for glob in exclusions]
    logs = {name for stored in found for name in _logs(stored.key)}
    objects = [
        stored
        for stored in found
        if stored.size
        and stored not in misnamed
        and not any(part.startswith(("_", ".")) for part in stored.key[len(folder) :].split("/"))
        and not any(pattern.fullmatch(stored.key[len(folder) :]) for pattern in excluded)
        and not any(stored.key.startswith(at) for at, _ in logs)
    ]
    notes = [f"{place.uri}{at} is a {name} table, which lakebox does not crawl" for at, name in sorted(logs)]
    notes += [f"{stored.key!a} in {place.uri} is no name in UTF-8; rename it" for stored in misnamed]
    return Listing(Place(place.bucket, folder), tuple(objects), tuple(notes))


def _is_utf8(key: str) -> bool:
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return True


def _logs(key: str) -> Iterable[tuple[str, str]]:
    """The folder of the Delta or Hudi table that an object belongs to the log of, and what it is."""
    parts = key.split("/")
    for depth, part in enumerate(parts[:-1]):
        if part in LOGS:
            yield "".join(f"{parent}/" for parent in parts[:depth]), LOGS[part]


def _pattern(glob: str) -> re.Pattern[str]:
    """An exclude pattern of Glue's as a regular expression on keys below the include path. Raises StorageError."""
    text, position, depth = "", 0, 0
    while position < len(glob):
        character = glob[position]
        position += 1
        if character == "*":
            crosses = glob[position : position + 1] == "*"
            position += crosses
            text += ".*" if crosses else "[^/]*"
        elif character == "?":
            text += "[^/]"
        elif character == "\\" and position < len(glob):
            text += re.escape(glob[position])
            position += 1
        elif character == "[" and (end := glob.find("]", position + 1)) > 0:
            inner = glob[position:end]
            negated, members = inner[:1] == "!", inner.removeprefix("!")
            text += "(?!/)[" + "^" * negated + re.sub(r"([\\\[\]^&~|])", r"\\\1", members) + "]"
            position = end + 1
        elif character == "{":
            depth, text = depth + 1, f"{text}(?:"
        elif character == "}" and depth:
            depth, text = depth - 1, f"{text})"
        else:
            text += "|" if character == "," and depth else re.escape(character)
    try:
        return re.compile(text, re.DOTALL)
    except re.error as error:
        raise StorageError(f"the exclude pattern {glob!r} is wrong: {error}") from None
