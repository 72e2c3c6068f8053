"""What the tables must hold, in plain Python and without a line of the jobs: the event contract read a second time."""

import hashlib
import json
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

Change = dict[str, Any]
RANK = {"D": 2, "U": 1, "I": 0}


def time_of(value: Any) -> datetime:
    """An event's time, as the contract reads ISO 8601 text and epoch numbers."""
    if isinstance(value, int | float):
        seconds = value if value < 4_102_444_800 else value / 1000
        return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=round(seconds * 1_000_000))
    parsed = datetime.fromisoformat(value)
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def digest(*values: Any) -> str:
    """SHA-256 over length-prefixed texts."""
    total = hashlib.sha256()
    for value in values:
        if isinstance(value, datetime):
            value = value.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"
        encoded = b"" if value is None else str(value).encode("utf-8")
        total.update(str(-1 if value is None else len(encoded)).encode() + b":" + encoded)
    return total.hexdigest()


def row_of(change: Change) -> dict[str, Any]:
    """A change as Silver would hold it, with op."""
    known = ("user_id", "event_type", "timestamp", "op", "updated_at", "page", "device", "source", "amount")
    other = {name: value for name, value in change.items() if name not in known}
    at = time_of(change["timestamp"])
    row = {
        "user_id": change["user_id"],
        "event_type": change["event_type"],
        "event_timestamp": at,
        "page": change.get("page"),
        "device": change.get("device"),
        "source": change.get("source"),
        "amount": change.get("amount"),
        "attributes": json.dumps(other, sort_keys=True, separators=(",", ":"), ensure_ascii=False) if other else None,
    }
    key = (row["user_id"], row["event_type"], row["event_timestamp"])
    return row | {
        "pk": digest(*key),
        "feature_hash": digest(*row.values()),
        "op": (change.get("op") or "I").upper(),
        "updated_at": time_of(change["updated_at"]) if change.get("updated_at") is not None else at,
        "event_date": at.date(),
    }


def silver(changes: list[Change]) -> list[dict[str, Any]]:
    """Live events of a set of changes, sorted by pk."""
    latest: dict[str, dict[str, Any]] = {}
    for row in map(row_of, changes):
        held = latest.get(row["pk"])
        order = (row["updated_at"], RANK[row["op"]], row["feature_hash"])
        if held is None or order > (held["updated_at"], RANK[held["op"]], held["feature_hash"]):
            latest[row["pk"]] = row
    return sorted((row for row in latest.values() if row["op"] != "D"), key=lambda row: str(row["pk"]))


def gold(changes: list[Change], day: date) -> list[tuple[Any, ...]]:
    """Features of each user as of the end of a day, sorted by user."""
    events: dict[str, list[tuple[datetime, bytes, str]]] = defaultdict(list)
    for row in silver(changes):
        if row["event_timestamp"] < datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1):
            kind = row["event_type"]
            events[row["user_id"]].append((row["event_timestamp"], kind.encode(), kind))
    features = []
    for user, found in sorted(events.items()):
        kinds = [kind for _, _, kind in found]
        newest = max(found)
        age = (day - newest[0].date()).days
        features.append(
            (user, kinds.count("click"), kinds.count("purchase"), len(found), min(found)[0], newest[0], newest[2], age)
        )
    return features
