"""Seeded events for the benchmarks: JSON Lines, a file a day, with updates, deletes, re-deliveries and late arrivals.

python bench/generate.py FOLDER [--events 1000000] [--days 30] [--seed 7]
"""

import argparse
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

FIRST_DAY = datetime(2025, 1, 1, tzinfo=UTC)
EVENT_TYPES = ("click", "view", "add_to_cart", "purchase")
PAGES = [f"/p/{number}" for number in range(1000, 1400)]


def event(numbers: random.Random, day: datetime) -> dict[str, object]:
    """One event of a day, about 200 bytes as JSON."""
    kind = numbers.choices(EVENT_TYPES, (60, 25, 10, 5))[0]
    time = day + timedelta(milliseconds=numbers.randrange(86_400_000))
    fields: dict[str, object] = {
        "user_id": f"u{int(numbers.paretovariate(0.6)) % 20_000:05d}",
        "event_type": kind,
        "timestamp": time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "page": numbers.choice(PAGES),
        "device": numbers.choice(("mobile", "desktop", "tablet")),
        "source": numbers.choice(("web", "app", "email")),
        "campaign": f"spring-{numbers.randrange(20)}",
        "session": f"s{numbers.randrange(10**8):08d}",
    }
    if kind == "purchase":
        fields["amount"] = round(numbers.uniform(1, 400), 2)
    return fields


def changed(numbers: random.Random, old: dict[str, object], day: datetime) -> dict[str, object]:
    """A later change of an event: an update of its page, or its deletion."""
    when = {"updated_at": (day + timedelta(seconds=numbers.randrange(86_400))).isoformat().replace("+00:00", "Z")}
    if numbers.random() < 0.3:
        return {name: old[name] for name in ("user_id", "event_type", "timestamp")} | {"op": "D"} | when
    return old | {"page": numbers.choice(PAGES), "op": "U"} | when


def write_day(folder: Path, number: int, events: int, seed: int) -> Path:
    """Write one day's file: new events, and 3 % changes, late and re-delivered events of the two days before."""
    numbers = random.Random(f"{seed}-{number}")
    day = FIRST_DAY + timedelta(days=number)
    lines = []
    for _ in range(events):
        chance = numbers.random()
        if chance < 0.97 or number == 0:
            lines.append(event(numbers, day))
        else:
            old = event(numbers, day - timedelta(days=numbers.randrange(1, 3)))
            lines.append(old)
            if chance < 0.99:
                lines.append(changed(numbers, old, day))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{day:%Y-%m-%d}.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def write_days(folder: Path, events: int, days: int, seed: int = 7) -> None:
    """Write all days, unless they are there."""
    for number in range(days):
        if not (folder / f"{FIRST_DAY + timedelta(days=number):%Y-%m-%d}.jsonl").exists():
            write_day(folder, number, events // days, seed)


def write_year(folder: Path, events: int = 20_000, seed: int = 7) -> None:
    """Write a file of events of ten types over the 366 days of 2024: some 3,600 partitions of Silver."""
    numbers = random.Random(seed)
    first = datetime(2024, 1, 1, tzinfo=UTC)
    lines = []
    for _ in range(events):
        line = event(numbers, first + timedelta(days=numbers.randrange(366)))
        lines.append(line | {"event_type": f"type-{numbers.randrange(10)}"})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "2024.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def write_one_more(folder: Path) -> None:
    """Write one more event of that year, in a file of its own."""
    line = event(random.Random(0), datetime(2024, 12, 31, tzinfo=UTC)) | {"event_type": "type-0"}
    (folder / "one-more.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    write_days(given.folder, given.events, given.days, given.seed)
