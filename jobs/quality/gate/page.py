"""The quality report -> a Markdown page: the verdict and its reasons first, then the evidence."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC

from jobs.quality.gate.report import QualityReport
from jobs.quality.outcomes import RuleOutcome

LONGEST_CELL = 80
MARKS = re.compile(r"[\\`*\[\]<>|&]")


def markdown(report: QualityReport) -> str:
    """The page. Values from the data are escaped, put on one line and cut to a readable length."""
    parts = (_verdict(report), _failures(report), _rules(report), _columns(report), _notes(report))
    return "\n".join(line for part in parts for line in part) + "\n"


def _verdict(report: QualityReport) -> Iterator[str]:
    yield f"# Data quality of `{report.table}`: {'PASSED' if report.passed else 'FAILED'}"
    yield ""
    failed = len(report.failed_rules)
    rules = f"{len(report.rules)} rules" if len(report.rules) != 1 else "1 rule"
    yield f"{report.rows:,} rows, {rules}: {failed or 'none'} failed."
    yield f"{_schema_in_words(report)} {_age_in_words(report)}"
    if not report.passed:
        yield ""
        yield "The flow stops here: the features of the last good run stay as they are."
    yield ""
    yield f"Run {_code(report.run.run_id)}, training date {report.run.training_date.isoformat()}."
    yield ""


def _schema_in_words(report: QualityReport) -> str:
    differences = len(report.schema_differences)
    if not differences:
        return "The schema is the catalog's."
    return f"The schema differs from the catalog's in {differences} place{'s' if differences > 1 else ''}."


def _age_in_words(report: QualityReport) -> str:
    if report.newest_event is None or report.freshness_days is None:
        return "There is no event to tell how fresh the data is."
    newest, as_of = report.newest_event, report.run.as_of.astimezone(UTC)
    age = f"{abs(report.freshness_days):,.1f} days {'before' if report.freshness_days >= 0 else 'after'}"
    return f"The newest event is of {newest:%Y-%m-%d %H:%M:%S} UTC, {age} {as_of:%Y-%m-%d %H:%M} UTC."


def _failures(report: QualityReport) -> Iterator[str]:
    if report.passed:
        return
    yield "## What failed"
    yield ""
    if report.schema_differences:
        yield "**Schema**, as stored against the catalog:"
        yield ""
        yield from (f"- {_escaped(difference)}" for difference in report.schema_differences)
        yield ""
    for outcome in report.failed_rules:
        yield f"**{_code(outcome.rule.text)}**: {_escaped(outcome.reason or '')}."
        yield ""
        yield from _samples(outcome)


def _samples(outcome: RuleOutcome) -> Iterator[str]:
    if outcome.samples:
        names = list(outcome.samples[0])
        yield from _table(names, [[_cell(sample[name]) for name in names] for sample in outcome.samples])
        yield ""


def _rules(report: QualityReport) -> Iterator[str]:
    yield "## Rules"
    yield ""
    rows = [
        [_code(outcome.rule.text).replace("|", "\\|"), "passed" if outcome.passed else "**FAILED**", _measured(outcome)]
        for outcome in report.rules
    ]
    yield from _table(["rule", "outcome", "measured"], rows)
    yield ""


def _measured(outcome: RuleOutcome) -> str:
    name = outcome.measure.replace("_", " ")
    if outcome.measured is None:
        return "could not be measured"
    if outcome.measure == "share_of_rows":
        return f"{outcome.measured:.2%} of rows"
    return f"{outcome.measured:,} {name[:-1] if outcome.measured == 1 else name}"


def _columns(report: QualityReport) -> Iterator[str]:
    yield "## Columns"
    yield ""
    rows = []
    for column in report.columns:
        as_expected = column.type == column.expected_type
        type_ = column.type or "missing" if as_expected else f"**{column.type or 'missing'}**"
        nulls = "" if column.nulls is None else f"{column.nulls:,}"
        share = "" if column.null_share is None else f"{column.null_share:.1%}"
        distinct = "" if column.approx_distinct is None else f"{column.approx_distinct:,}"
        rows.append([_escaped(column.name), type_, column.expected_type or "none", nulls, share, distinct])
    yield from _table(["column", "type", "expected type", "nulls", "null share", "distinct values, about"], rows)
    yield ""


def _notes(report: QualityReport) -> Iterator[str]:
    yield "## Notes"
    yield ""
    if report.duplicate_rows is not None:
        repeats = "1 row repeats" if report.duplicate_rows == 1 else f"{report.duplicate_rows:,} rows repeat"
        yield (
            f"- {repeats} the `user_id` and `event_timestamp` of another. That is legal (a user may do two things at"
            " once) and fails nothing; many of them may mean that a source's key needs more columns."
        )
    yield "- Distinct values are estimates, typically within 5 %."
    yield f"- Ruleset `{report.ruleset_sha256[:12]}`."


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * len(names)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _cell(value: str | None) -> str:
    if value is None:
        return "*null*"
    return _escaped(value if len(value) <= LONGEST_CELL else f"{value[: LONGEST_CELL - 1]}…")


def _escaped(text: str) -> str:
    one_line = "".join(sign if sign.isprintable() else " " for sign in text)
    return MARKS.sub(r"\\\g<0>", one_line)


def _code(text: str) -> str:
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence} {text} {fence}" if "`" in text else f"`{text}`"
