"""The quality report on a table, for the gate: JSON for programs, Markdown for people."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from catalog.tables import Table
from jobs.quality.language.columns import family
from jobs.quality.language.rules import Ruleset
from jobs.quality.measures import Part, key_part
from jobs.quality.outcomes import RuleOutcome
from jobs.quality.rows import column_of, types_of

EVENT_KEY = ("user_id", "event_timestamp")
EVENT_KEY_NAME = "user_id,event_timestamp"
SKETCH_BITS = 10  # 1,024 registers: the standard error is 3 %
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class GateRun:
    """The run that the gate is part of: its id, its training_date, and the time from which freshness is counted."""

    run_id: str
    training_date: date
    as_of: datetime


@dataclass(frozen=True)
class ColumnReport:
    """A column of the data or of the catalog; what the other does not have is None."""

    name: str
    type: str | None
    expected_type: str | None
    nulls: int | None
    null_share: float | None
    approx_distinct: int | None


@dataclass(frozen=True)
class QualityReport:
    """What the gate found. It lets pass where every rule passed and the schema is the catalog's.

    `duplicate_rows`: rows beyond the first of their (user_id, event_timestamp), which are legal; None where the data
    doesn't have these columns. `approx_distinct` is an estimate, typically within 5 %, at most the values that there
    are, and exact for columns of which a rule compares the values.
    """

    table: str
    run: GateRun
    rows: int
    columns: tuple[ColumnReport, ...]
    schema_differences: tuple[str, ...]
    rules: tuple[RuleOutcome, ...]
    ruleset_sha256: str
    duplicate_rows: int | None
    oldest_event: datetime | None
    newest_event: datetime | None

    @property
    def passed(self) -> bool:
        """Whether the flow may go on."""
        return not self.schema_differences and all(outcome.passed for outcome in self.rules)

    @property
    def failed_rules(self) -> tuple[RuleOutcome, ...]:
        """Rules that did not pass."""
        return tuple(outcome for outcome in self.rules if not outcome.passed)

    @property
    def freshness_days(self) -> float | None:
        """Days from the newest event to `run.as_of`; negative where the event is later, None without events."""
        return None if self.newest_event is None else (self.run.as_of - self.newest_event).total_seconds() / 86_400

    def to_json(self) -> str:
        """The report as JSON, keys in this order; times are ISO 8601 in UTC.

        table, run_id, training_date, outcome (PASSED, FAILED), ruleset_sha256, total_rows,
        schema: matches (boolean), differences (sentences),
        rules: rule (DQDL), outcome, measure and measured (see RuleOutcome), reason, samples (rows, values as text),
        columns: name, type, expected_type, nulls, null_share, approx_distinct,
        duplicates: columns, rows, fails_the_gate (false),
        freshness: as_of, newest_event_timestamp, oldest_event_timestamp, days
        """
        return json.dumps(self._document(), ensure_ascii=False, indent=2) + "\n"

    def _document(self) -> dict[str, Any]:
        return {
            "table": self.table,
            "run_id": self.run.run_id,
            "training_date": self.run.training_date.isoformat(),
            "outcome": "PASSED" if self.passed else "FAILED",
            "ruleset_sha256": self.ruleset_sha256,
            "total_rows": self.rows,
            "schema": {"matches": not self.schema_differences, "differences": list(self.schema_differences)},
            "rules": [_rule_document(outcome) for outcome in self.rules],
            "columns": [vars(column) for column in self.columns],
            "duplicates": {"columns": list(EVENT_KEY), "rows": self.duplicate_rows, "fails_the_gate": False},
            "freshness": {
                "as_of": _iso(self.run.as_of),
                "newest_event_timestamp": _iso(self.newest_event),
                "oldest_event_timestamp": _iso(self.oldest_event),
                "days": self.freshness_days,
            },
        }


def report_parts(frame: DataFrame) -> list[Part]:
    """What the report shows beside the rules: nulls, distinct values, freshness, rows in a wrong folder, duplicates."""
    types = types_of(frame.schema)
    counts = {f"nulls:{name}": F.count_if(column_of(name).isNull()) for name in types}
    if family(types.get("event_timestamp", "")) == "time":
        times = F.col("event_timestamp").cast("timestamp")
        counts |= {"oldest_us": F.unix_micros(F.min(times)), "newest_us": F.unix_micros(F.max(times))}
        if types.get("event_date") == "date":
            counts["misplaced"] = F.count_if(F.col("event_date") != F.to_date(times))
    estimated = [name for name, type_name in types.items() if family(type_name)]
    about = {
        f"about:{name}": F.hll_sketch_estimate(F.hll_sketch_agg(column_of(name), SKETCH_BITS)) for name in estimated
    }
    has_key = all(family(types.get(name, "")) for name in EVENT_KEY)
    keys = [key_part(frame, EVENT_KEY, EVENT_KEY_NAME)] if has_key else []
    return [(frame, counts), (frame.select(*map(_hashed, estimated)), about), *keys]


def _hashed(name: str) -> Column:
    """A column's values as numbers, of which distinct ones are estimated in half the time."""
    return F.when(column_of(name).isNotNull(), F.xxhash64(column_of(name))).alias(name)


def quality_report(
    table: Table, counts: Mapping[str, Any], types: Mapping[str, str], outcomes: Sequence[RuleOutcome], run: GateRun
) -> QualityReport:
    """The report on a table.

    In:  the counts of an evaluation with `report_parts` beside; the types of the columns as stored; the rules'
         outcomes, failed ones with samples; the run
    Raises ValueError where run.as_of has no time zone.
    """
    if run.as_of.tzinfo is None:
        raise ValueError(f"as_of is {run.as_of.isoformat()}, which says no time zone: pass a datetime with tzinfo=UTC")
    name = EVENT_KEY_NAME
    return QualityReport(
        table=table.name,
        run=run,
        rows=counts["rows"],
        columns=_columns(table, counts, types),
        schema_differences=(*schema_differences(table, types), *_misplaced(counts)),
        rules=tuple(outcomes),
        ruleset_sha256=Ruleset(tuple(outcome.rule for outcome in outcomes)).sha256,
        duplicate_rows=counts[f"keyed:{name}"] - counts[f"distinct:{name}"] if f"keyed:{name}" in counts else None,
        oldest_event=_time(counts.get("oldest_us")),
        newest_event=_time(counts.get("newest_us")),
    )


def schema_differences(table: Table, actual: Mapping[str, str]) -> tuple[str, ...]:
    """Where the columns and types of the data are not the catalog's, as sentences; the order of columns is free."""
    expected = _expected_types(table)
    missing = [f"{name} ({expected[name]}) is missing" for name in expected if name not in actual]
    other = [
        f"{name} is {actual[name]}, not {expected[name]}"
        for name in expected
        if name in actual and actual[name] != expected[name]
    ]
    unknown = [f"{name} ({actual[name]}) is not in the catalog" for name in actual if name not in expected]
    return (*missing, *other, *unknown)


def _misplaced(counts: Mapping[str, Any]) -> tuple[str, ...]:
    """Rows whose partition has another day than the event's time, as a sentence: readers would miss them."""
    count = counts.get("misplaced")
    return (f"{count:,} rows lie in a partition of another event_date than their event_timestamp's",) if count else ()


def _expected_types(table: Table) -> dict[str, str]:
    return {column.name: column.type for column in (*table.columns, *table.partitions)}


def _columns(table: Table, counts: Mapping[str, Any], actual: Mapping[str, str]) -> tuple[ColumnReport, ...]:
    expected, rows = _expected_types(table), counts["rows"]
    reports = []
    for name in dict.fromkeys((*expected, *actual)):
        nulls = counts.get(f"nulls:{name}")
        share = nulls / rows if nulls is not None and rows else None
        about = counts.get(f"about:{name}")
        distinct = counts.get(f"distinct:{name}", None if about is None else min(about, rows - (nulls or 0)))
        reports.append(ColumnReport(name, actual.get(name), expected.get(name), nulls, share, distinct))
    return tuple(reports)


def _time(time_us: int | None) -> datetime | None:
    return None if time_us is None else EPOCH + timedelta(microseconds=time_us)


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(UTC).isoformat(timespec="microseconds")


def _rule_document(outcome: RuleOutcome) -> dict[str, Any]:
    return {
        "rule": outcome.rule.text,
        "outcome": "PASSED" if outcome.passed else "FAILED",
        "measure": outcome.measure,
        "measured": outcome.measured,
        "reason": outcome.reason,
        "samples": [dict(sample) for sample in outcome.samples],
    }
