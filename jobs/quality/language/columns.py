"""Which columns a rule can read: holds a rule against the columns of a table by name and type."""

from collections.abc import Mapping
from datetime import date

from jobs.quality.language.conditions import PATTERNS, Condition, operand_text
from jobs.quality.language.operands import Arithmetic, Call, Keyword, Moment, Operand
from jobs.quality.language.rules import Rule, Ruleset
from jobs.quality.language.tokens import RulesetError

FLAGS = ("true", "false")
READABLE_AS = {
    "text": ("BOOLEAN", "DATE", "TIMESTAMP", "INTEGER", "LONG", "FLOAT", "DOUBLE"),
    "number": ("INTEGER", "LONG", "FLOAT", "DOUBLE"),
    "flag": ("BOOLEAN",),
    "time": ("DATE", "TIMESTAMP"),
}
FAMILIES = {
    "text": ("string",),
    "number": ("tinyint", "smallint", "int", "bigint", "float", "double"),
    "flag": ("boolean",),
    "time": ("date", "timestamp", "timestamp_ntz"),
}
NEEDED = {
    "ColumnLength": "text",
    "Mean": "number",
    "Sum": "number",
    "StandardDeviation": "number",
    "ColumnCorrelation": "number",
    "DataFreshness": "time",
}
WORDS = {"text": "a string column", "number": "a column of numbers", "time": "a column of dates or timestamps"}


def require_columns(ruleset: Ruleset, types: Mapping[str, str], table: str) -> None:
    """Raise RulesetError where a rule names a column that the table doesn't have, or whose type it can't read."""
    for rule in (leaf for written in ruleset.rules for leaf in written.rules):
        problem = obstacle(rule, types)
        if problem:
            raise RulesetError(rule.line, rule.text, f"{table}: {problem}")


def family(type_name: str) -> str | None:
    """Kind of values of a Hive or Spark type: text, number, flag or time; None for all others (arrays, binary, …)."""
    if type_name.startswith("decimal"):
        return "number"
    return next((name for name, types in FAMILIES.items() if type_name in types), None)


def obstacle(rule: Rule, types: Mapping[str, str]) -> str | None:
    """Why a rule can't be checked on columns of these types (name -> Hive or Spark type), or None if it can."""
    missing = [column for column in rule.columns if column not in types]
    if missing:
        return f"there is no column {missing[0]!r}; there are: {', '.join(sorted(types))}"
    if rule.type in ("ColumnExists", "IsComplete", "Completeness"):
        return None
    problems = (_type_obstacle(rule, column, types[column]) for column in rule.columns)
    return next((problem for problem in problems if problem), None)


def _type_obstacle(rule: Rule, column: str, type_name: str) -> str | None:
    kind, operands = family(type_name), rule.condition.operands if rule.condition else ()
    if kind is None:
        return f"{rule.type} can't read column {column!r}, which is {type_name}"
    if kind != NEEDED.get(rule.type, kind):
        return f"{rule.type} needs {WORDS[NEEDED[rule.type]]}; {column!r} is {type_name}"
    if rule.type == "ColumnDataType" and operands[0] not in READABLE_AS[kind]:
        return f"column {column!r} is {type_name}, which can be read as {', '.join(READABLE_AS[kind])} only"
    if rule.type == "ColumnValues" and rule.condition:
        return _values_obstacle(rule.condition, column, type_name)
    return None


def _values_obstacle(condition: Condition, column: str, type_name: str) -> str | None:
    comparable = {
        "text": "a string (one that is not written as a date)",
        "number": "a number",
        "flag": '"true" or "false"',
        "time": 'a date, "YYYY-MM-DD"',
    }
    kind = family(type_name) or ""
    for operand in condition.operands:
        if not _comparable(operand, kind) or (condition.operator in PATTERNS and kind != "text"):
            shown = operand_text(operand, raw=condition.operator in PATTERNS)
            return f"column {column!r} is {type_name}: it can be compared with {comparable[kind]}, not {shown}"
    return None


def _comparable(operand: Operand, kind: str) -> bool:
    if isinstance(operand, Keyword):
        return operand is Keyword.NULL or kind == "text"
    if isinstance(operand, str):
        return kind == "text" or (kind == "flag" and operand in FLAGS)
    if isinstance(operand, (date, Moment)):
        return kind == "time"
    return kind == "number" or isinstance(operand, (Call, Arithmetic))
