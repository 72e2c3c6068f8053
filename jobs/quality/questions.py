"""A rule on its way to an answer: what else the ruleset may look at, and the rule with this run's numbers in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.quality.language.columns import family, obstacle
from jobs.quality.language.operands import NoValueError
from jobs.quality.language.rule_types import RULE_TYPES
from jobs.quality.language.rules import Rule
from jobs.quality.lookups import SqlError, dataset_of_sql
from jobs.quality.metrics import metric_name
from jobs.quality.rows import is_meant, types_of


@dataclass(frozen=True)
class Surroundings:
    """What a ruleset may look at beside the data.

    references: other datasets by alias; history: metrics of past runs (name -> number), the newest first;
    now: the time from which ages are counted; row_by_row: composite rules are evaluated for each row, then counted
    """

    references: Mapping[str, DataFrame] = field(default_factory=dict)
    history: Sequence[Mapping[str, float]] = ()
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    row_by_row: bool = False


@dataclass(frozen=True)
class Question:
    """A rule as written, and as it is asked of the data in this run; `problem` says why it can't be checked.

    dataset: what the SQL statement of the rule gives, or the dataset that it compares with
    """

    rule: Rule
    asked: Rule
    problem: str | None = None
    dataset: DataFrame | None = None


def question_of(frame: DataFrame, rule: Rule, around: Surroundings) -> Question:
    """The question that a rule asks of a DataFrame. No data is read."""
    problem = obstacle(rule, types_of(frame.schema)) or _where_problem(frame, rule)
    if problem:
        return Question(rule, rule, problem)
    name = metric_name(rule)
    try:
        past = [metrics[name] for metrics in around.history if name in metrics]
        asked = rule.resolved(past, around.now)
        return Question(rule, asked, None, _dataset(frame, rule, around))
    except (NoValueError, SqlError) as error:
        return Question(rule, rule, str(error))


def _where_problem(frame: DataFrame, rule: Rule) -> str | None:
    """Why a `where` can't be read; Spark looks at names and types of columns, at no rows."""
    if rule.where is None:
        return None
    try:
        frame.agg(F.count_if(is_meant(rule)))
    except AnalysisException as error:  # ParseException is one
        return f"its where clause is not valid Spark SQL: {_first_line(error)}"
    return None


def _dataset(frame: DataFrame, rule: Rule, around: Surroundings) -> DataFrame | None:
    kind = RULE_TYPES[rule.type].parameters
    if kind == "statement":
        return _checked_sql(frame, rule, around)
    if kind not in ("reference", "dataset"):
        return None
    alias, columns = rule.reference
    if alias not in around.references:
        known = ", ".join(sorted(around.references)) or "none"
        raise SqlError(f"there is no data source {alias!r}; name it among the additional data sources, now: {known}")
    dataset = around.references[alias]
    theirs, ours = types_of(dataset.schema), types_of(frame.schema)
    for own, other in zip(rule.columns, columns, strict=False):
        if other not in theirs:
            raise SqlError(f"data source {alias!r} has no column {other!r}; there are: {', '.join(sorted(theirs))}")
        if family(ours[own]) != family(theirs[other]):
            raise SqlError(f"{own!r} is {ours[own]} and {other!r} of {alias!r} is {theirs[other]}: cast one of them")
    return dataset


def _checked_sql(frame: DataFrame, rule: Rule, around: Surroundings) -> DataFrame:
    """The answer of a CustomSql: one number where the rule compares one, else columns of the data."""
    dataset = dataset_of_sql(rule.parameters[0], frame, around.references)
    unknown = [name for name in dataset.columns if name not in frame.columns]
    if rule.condition is None and unknown:
        raise SqlError(f"without a condition its statement may give columns of the data only, not {unknown[0]!r}")
    if rule.condition is not None and len(dataset.columns) != 1:
        raise SqlError(f"its statement must give one number, not {len(dataset.columns)} columns")
    return dataset


def _first_line(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
