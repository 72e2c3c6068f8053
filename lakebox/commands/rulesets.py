"""Rulesets and their results from the command line: a client of Glue Data Quality's API."""

import time
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table

from jobs.lake.errors import LakeboxError
from lakebox.endpoint.service import all_of

ENDED = ("STOPPED", "SUCCEEDED", "FAILED", "TIMEOUT")
POLL_S = 0.2


class QualityError(LakeboxError):
    """A ruleset can't be evaluated."""


def print_rulesets(glue: Any, console: Console) -> None:
    """A table of all rulesets. Raises QualityError where the API refuses or is not there."""
    try:
        found = list(all_of(lambda page: glue.list_data_quality_rulesets(**page), {}, "Rulesets"))
    except (ClientError, BotoCoreError) as error:
        raise QualityError(str(error)) from None
    table = Table()
    for name in ("ruleset", "rules", "table", "description"):
        table.add_column(name, overflow="fold", justify="right" if name == "rules" else "left")
    for each in found:
        target = each.get("TargetTable", {})
        named = f"{target['DatabaseName']}.{target['TableName']}" if target else ""
        table.add_row(each["Name"], str(each["RuleCount"]), named, each.get("Description", ""))
    console.print(table)


def evaluate_table(glue: Any, console: Console, ruleset: str, table: str) -> bool:
    """Evaluate a ruleset on a table (database.table), and print the results; whether all rules passed.

    Raises QualityError where it can't be done, and says why.
    """
    database, _, name = table.partition(".")
    if not name:
        raise QualityError(f"{table!r} names no table; write DATABASE.TABLE")
    source = {"GlueTable": {"DatabaseName": database, "TableName": name}}
    try:
        started = glue.start_data_quality_ruleset_evaluation_run(
            DataSource=source, Role="lakebox", RulesetNames=[_kept(glue, ruleset)]
        )
        run = glue.get_data_quality_ruleset_evaluation_run(RunId=started["RunId"])
        while run["Status"] not in ENDED:
            time.sleep(POLL_S)
            run = glue.get_data_quality_ruleset_evaluation_run(RunId=started["RunId"])
        if run["Status"] != "SUCCEEDED":
            raise QualityError(f"the evaluation {run['Status'].lower()}: {run.get('ErrorString', 'see lakebox runs')}")
        result = glue.get_data_quality_result(ResultId=run["ResultIds"][0])
    except (ClientError, BotoCoreError) as error:
        raise QualityError(str(error)) from None
    _print(console, result)
    return all(rule["Result"] == "PASS" for rule in result["RuleResults"])


def _kept(glue: Any, ruleset: str) -> str:
    """The name of a ruleset; one that is a file is made, or replaced, first."""
    if not ruleset.endswith(".dqdl"):
        return ruleset
    path = Path(ruleset)
    if not path.is_file():
        raise QualityError(f"there is no file {ruleset}; check the path")
    text = path.read_text(encoding="utf-8")
    try:
        glue.create_data_quality_ruleset(Name=path.stem, Ruleset=text)
    except glue.exceptions.AlreadyExistsException:
        glue.update_data_quality_ruleset(Name=path.stem, Ruleset=text)
    return path.stem


def _print(console: Console, result: dict[str, Any]) -> None:
    table = Table()
    for name in ("result", "rule", "why", "metrics"):
        table.add_column(name, overflow="fold")
    rules, analyzers = result.get("RuleResults", ()), result.get("AnalyzerResults", ())
    for found in (*rules, *analyzers):
        metrics = (f"{name} = {value:g}" for name, value in found.get("EvaluatedMetrics", {}).items())
        why = found.get("EvaluationMessage", "")
        table.add_row(found.get("Result", ""), found["Description"], why, "\n".join(metrics))
    console.print(table)
    passed = sum(rule["Result"] == "PASS" for rule in rules)
    console.print(f"score {result['Score']:.0%}: {passed} of {len(rules)} rules passed")
