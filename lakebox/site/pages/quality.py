"""The page of quality: the gate's report, its history, and the results of Glue Data Quality."""

from collections.abc import Mapping
from typing import Any

from lakebox.site.cells import Cell, Grid, local_text, utc
from lakebox.site.pages.pipeline import runs_grid
from lakebox.site.source import Source

MOST_RESULTS = 20
GATE = "check_silver"


def content(source: Source) -> Mapping[str, Any]:
    """The report of the gate, its runs, and results of rulesets."""
    report = source.report
    gates = [job.name for job in source.definitions.jobs if job.record_name == GATE]
    works = [work for run in source.runs for work in run.works if work.name in gates]
    return {
        "report": report,
        "facts_of_report": _facts(report) if report else [],
        "rules": _rules(report.get("rules", [])),
        "failed": [rule for rule in report.get("rules", []) if rule["outcome"] != "PASSED"],
        "samples_of": _samples,
        "columns": _columns(report.get("columns", [])),
        "history": runs_grid(works),
        "quarantine": _quarantine(source),
        "results": _results(source),
    }


def _facts(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    passed = sum(rule["outcome"] == "PASSED" for rule in report["rules"])
    days = report["freshness"]["days"]
    return [
        ("gate", report["outcome"].lower()),
        ("rules that hold", f"{passed} of {len(report['rules'])}"),
        ("rows checked", f"{report['total_rows']:,}"),
        ("schema", "as in the catalog" if report["schema"]["matches"] else "differs"),
        ("newest event", "none" if days is None else f"{days:,.1f} days before the run"),
        ("run", report["run_id"]),
    ]


def _rules(rules: list[Mapping[str, Any]]) -> Grid:
    """The rules, those that failed first."""
    heads = (("outcome", "text"), ("rule", "code"), ("measure", "text"), ("measured", "number"))
    ordered = sorted(rules, key=lambda rule: bool(rule["outcome"] == "PASSED"))
    return Grid(
        heads, [[_outcome(rule["outcome"]), rule["rule"], rule["measure"], _measured(rule)] for rule in ordered]
    )


def _measured(rule: Mapping[str, Any]) -> Cell:
    measured = rule["measured"]
    return Cell("–" if measured is None else f"{measured:,}", sort=measured)


def _outcome(outcome: str) -> Cell:
    return Cell(outcome.lower(), state="good" if outcome in ("PASSED", "PASS") else "bad")


def _samples(rule: Mapping[str, Any]) -> Grid:
    """Rows that broke a rule."""
    samples = rule["samples"]
    names = list(samples[0]) if samples else []
    rows = [
        [Cell("null", is_null=True) if row[name] is None else Cell(str(row[name])) for name in names] for row in samples
    ]
    return Grid(tuple((name, "text") for name in names), rows, from_sql=True)


def _columns(columns: list[Mapping[str, Any]]) -> Grid:
    heads = (
        ("column", "code"),
        ("type", "code"),
        ("nulls", "number"),
        ("null share", "number"),
        ("distinct, about", "number"),
    )
    rows = [
        [
            column["name"],
            column["type"] or "missing",
            column["nulls"],
            None if column["null_share"] is None else Cell(f"{column['null_share']:.0%}", sort=column["null_share"]),
            column["approx_distinct"],
        ]
        for column in columns
    ]
    return Grid(heads, rows)


def _quarantine(source: Source) -> Grid:
    """What could not be read, by reason."""
    rows = source.rows(
        "SELECT reason, count(*) AS items, count(DISTINCT source_file) AS files, max(quarantined_at) AS newest, "
        "min(source_file || ', line ' || CAST(line_number AS varchar)) AS first_item "
        "FROM bronze_quarantine GROUP BY reason ORDER BY items DESC, reason LIMIT 50",
        "bronze_quarantine",
    )
    heads = (
        ("reason", "prose"),
        ("one of them", "prose"),
        ("items", "number"),
        ("files", "number"),
        ("newest (UTC)", "text"),
    )
    return Grid(
        heads,
        [
            [reason, None if one is None else local_text(one), items, files, utc(newest)]
            for reason, items, files, newest, one in rows
        ],
    )


def _results(source: Source) -> Grid:
    """The newest results of rulesets that were evaluated through Glue's API."""
    glue = source.clients("glue")
    listed = glue.list_data_quality_results(MaxResults=MOST_RESULTS)["Results"]
    rows: list[list[Any]] = []
    for each in listed:
        result = glue.get_data_quality_result(ResultId=each["ResultId"])
        rules = result.get("RuleResults", [])
        passed = sum(rule["Result"] == "PASS" for rule in rules)
        table = result.get("DataSource", {}).get("GlueTable", {})
        rows.append(
            [
                _outcome("PASS" if passed == len(rules) else "FAIL"),
                Cell(result.get("RulesetName", "")),
                Cell(".".join(table[key] for key in ("DatabaseName", "TableName") if key in table)),
                Cell(f"{passed} of {len(rules)}", sort=passed),
                Cell(f"{result['Score']:.0%}" if "Score" in result else "–", sort=result.get("Score", 0.0)),
                utc(result.get("CompletedOn")),
            ]
        )
    heads = (
        ("outcome", "text"),
        ("ruleset", "code"),
        ("table", "code"),
        ("rules that hold", "number"),
        ("score", "number"),
        ("ended (UTC)", "text"),
    )
    return Grid(heads, rows)
