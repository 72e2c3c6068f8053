"""Tells which rows of a DataFrame break a rule: as a condition, as sample rows, and as columns beside each row."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from jobs.quality.rules import EQUALITIES, PATTERNS, Condition, Keyword, Operand, Rule, Ruleset, family, obstacle

KEY_RULES = ("IsUnique", "Uniqueness", "IsPrimaryKey")
WHOLE_TABLE_RULES = ("RowCount", "ColumnCount", "ColumnExists", "DistinctValuesCount")
SPARK_TYPES = {"INTEGER": "int", "LONG": "bigint"}


def types_of(schema: StructType) -> dict[str, str]:
    """Column names to Spark's names of their types."""
    return {field.name: field.dataType.simpleString() for field in schema.fields}


def column_of(name: str) -> Column:
    """A column by its exact name, whatever characters are in it."""
    return F.col(_quoted(name))


def has_a_value(key: Sequence[str]) -> Column:
    """Whether any column of a key has a value. Rows without one are not compared: nulls equal nothing."""
    return reduce(or_, [column_of(name).isNotNull() for name in key])


def breaks(rule: Rule, types: Mapping[str, str]) -> Column | None:
    """Whether a row, looked at alone, breaks a rule (never null); None for rules that single rows can't break.

    In:  types: column names to types. A rule that can't be checked on them gives None.
    A null breaks ColumnValues unless the rule negates with `!=` or `not in`, or names NULL; to ColumnLength it has
    length 0; ColumnDataType lets it pass. `matches` is about the whole value. IsPrimaryKey: a part of the key is null.
    """
    if obstacle(rule, types):
        return None
    if rule.type in ("IsComplete", "Completeness", "IsPrimaryKey"):
        return reduce(or_, [column_of(name).isNull() for name in rule.columns])
    if rule.condition is None or rule.type not in ("ColumnLength", "ColumnDataType", "ColumnValues"):
        return None
    name, column = rule.columns[0], column_of(rule.columns[0])
    if rule.type == "ColumnLength":
        return ~_compares(F.coalesce(F.length(column), F.lit(0)), rule.condition)
    if rule.type == "ColumnDataType":
        wanted = str(rule.condition.operands[0])
        cast = F.expr(f"try_cast({_quoted(name)} AS {SPARK_TYPES.get(wanted, wanted)})")
        return column.isNotNull() & cast.isNull()
    comparable = column.cast("string") if family(types[name]) == "flag" else column
    return F.when(column.isNull(), not _admits_null(rule.condition)).otherwise(~_compares(comparable, rule.condition))


def failing_rows(frame: DataFrame, rule: Rule, limit: int, shown: Sequence[str] = ()) -> DataFrame | None:
    """Up to `limit` rows that break a rule, the same ones each time; None where no row is to blame.

    Out: the columns `shown` and the rule's own, those of them that exist, all as text
    """
    types = types_of(frame.schema)
    broken = _breaks_among_all(rule, types)
    if broken is None or obstacle(rule, types):
        return None
    names = [name for name in dict.fromkeys((*shown, *rule.columns)) if name in types]
    flagged = frame.select(*map(column_of, names), broken.alias("breaks the rule"))
    texts = [column_of(name).cast("string").alias(name) for name in names]
    ordered = [column_of(name) for name in sorted(names, key=lambda name: name not in rule.columns)]
    return flagged.filter(column_of("breaks the rule")).select(*texts).orderBy(*ordered).limit(limit)


def rows_with_outcomes(frame: DataFrame, ruleset: Ruleset) -> DataFrame:
    """Each row with what the rules say of it, in the columns that AWS Glue Data Quality adds.

    Out: the frame's columns; DataQualityRulesPass, DataQualityRulesFail, DataQualityRulesSkip (arrays of rules in
         DQDL); DataQualityEvaluationResult, which is Failed where the row breaks a rule, else Passed
    Rules about the table as a whole are skipped. A rule that can't be checked (its column is missing, or of a type that
    it can't read) fails every row. A threshold is about the table: a row that breaks such a rule fails all the same.
    """
    types = types_of(frame.schema)
    skipped, checks = [], []
    for rule in dict.fromkeys(ruleset.rules):
        broken = _breaks_among_all(rule, types)
        if broken is None:
            skipped.append(F.lit(rule.text))
        else:
            checks.append(F.struct(F.lit(rule.text).alias("rule"), broken.alias("broken")))
    no_checks = F.array().cast("array<struct<rule:string,broken:boolean>>")
    checked = frame.withColumn("DataQualityRules", F.array(*checks) if checks else no_checks)

    def rules_that(are_broken: bool) -> Column:
        kept = F.filter("DataQualityRules", lambda check: check["broken"] == F.lit(are_broken))
        return F.transform(kept, lambda check: check["rule"])

    failed = F.exists("DataQualityRules", lambda check: check["broken"])
    return checked.select(
        *map(column_of, frame.columns),
        rules_that(are_broken=False).alias("DataQualityRulesPass"),
        rules_that(are_broken=True).alias("DataQualityRulesFail"),
        F.array(*skipped).cast("array<string>").alias("DataQualityRulesSkip"),
        F.when(failed, "Failed").otherwise("Passed").alias("DataQualityEvaluationResult"),
    )


def _breaks_among_all(rule: Rule, types: Mapping[str, str]) -> Column | None:
    """Whether a row breaks a rule, also by sharing its key with another row; None for rules about the whole table."""
    if rule.type in WHOLE_TABLE_RULES:
        return None
    if obstacle(rule, types):
        return F.lit(True)
    broken = breaks(rule, types)
    if rule.type not in KEY_RULES:
        return broken
    same_key = Window.partitionBy(*map(column_of, rule.columns))
    shared = has_a_value(rule.columns) & (F.count(F.lit(1)).over(same_key) > 1)
    return shared if broken is None else broken | shared


def _admits_null(condition: Condition) -> bool:
    names_null = Keyword.NULL in condition.operands
    return (condition.operator in EQUALITIES) and names_null != condition.negates


def _compares(column: Column, condition: Condition) -> Column:
    """Whether a column's value, if it has one, meets a condition; the bounds of `between` are outside."""
    operator, operands = condition.operator, condition.operands
    if operator in EQUALITIES:
        met = reduce(or_, [_equals(column, operand) for operand in operands])
    elif operator in PATTERNS:
        met = column.rlike(rf"\A(?:{operands[0]})\z")
    elif operator in ("between", "not between"):
        met = (column > _literal(operands[0])) & (column < _literal(operands[1]))
    else:
        bound = _literal(operands[0])
        met = {">": column > bound, ">=": column >= bound, "<": column < bound, "<=": column <= bound}[operator]
    return ~met if condition.negates else met


def _equals(column: Column, operand: Operand) -> Column:
    if operand is Keyword.NULL:
        return F.lit(False)
    if operand is Keyword.EMPTY:
        return column == ""
    if operand is Keyword.WHITESPACES_ONLY:
        return column.rlike(r"\A\s+\z")
    return column == _literal(operand)


def _literal(operand: Operand) -> Column:
    if isinstance(operand, Decimal):
        return F.lit(int(operand) if operand == operand.to_integral_value() and abs(operand) < 2**63 else operand)
    return F.lit(operand)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
