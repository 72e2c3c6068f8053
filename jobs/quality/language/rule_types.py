"""The rule types of DQDL: how each is written, what it measures, and which ones lakebox refuses.

Source: AWS Glue, "DQDL rule type reference"; github.com/awslabs/dqdl for the grammar. docs/data-quality.md shows both
tables.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class RuleType:
    """How a rule type is written, and what may follow it.

    parameters: columns, or a statement, reference, dataset or pattern in their place
    compares: nothing, a number, a number or nothing, a type, values or a duration
    rows: whether single rows pass or fail it; looks_back: whether it may compare with past runs
    """

    fewest: int
    most: int
    compares: str
    means: str
    parameters: str = "columns"
    takes_threshold: bool = False
    takes_where: bool = True
    is_analyzer: bool = False
    is_rule: bool = True
    rows: bool = False
    looks_back: bool = False


def _number(fewest: int, means: str, most: int | None = None, *, where: bool = True, rows: bool = False) -> RuleType:
    most = fewest if most is None else most
    return RuleType(fewest, most, "a number", means, takes_where=where, is_analyzer=True, rows=rows, looks_back=True)


ANY = 99
RULE_TYPES = {
    "RowCount": _number(0, "number of rows"),
    "ColumnCount": _number(0, "number of columns", where=False),
    "ColumnExists": RuleType(1, 1, "nothing", "the column is there", takes_where=False),
    "ColumnNamesMatchPattern": RuleType(
        1, 1, "nothing", "every column's name has a match of the regular expression", "pattern", takes_where=False
    ),
    "IsComplete": RuleType(1, 1, "nothing", "no null", rows=True),
    "Completeness": _number(1, "share of rows without null", rows=True),
    "IsUnique": RuleType(1, ANY, "nothing", "no two rows have the same values", rows=True),
    "Uniqueness": _number(1, "share of rows whose values no other row has", ANY, rows=True),
    "UniqueValueRatio": _number(1, "values that occur once, by all distinct values"),
    "IsPrimaryKey": RuleType(1, ANY, "nothing", "unique, and no null in any of its columns", rows=True),
    "DistinctValuesCount": _number(1, "number of distinct values"),
    "Entropy": _number(1, "entropy of the values, in nats as Deequ's"),
    "Mean": _number(1, "mean of the values"),
    "Sum": _number(1, "sum of the values"),
    "StandardDeviation": _number(1, "standard deviation of the values, of the population"),
    "ColumnCorrelation": _number(2, "Pearson's correlation of two columns"),
    "ColumnLength": RuleType(
        1, 1, "a number", "every text's length meets the condition; null has length 0", is_analyzer=True, rows=True
    ),
    "ColumnDataType": RuleType(1, 1, "a type", "every value can be read as the type", takes_threshold=True, rows=True),
    "ColumnValues": RuleType(
        1, 1, "values", "every value meets the condition", takes_threshold=True, is_analyzer=True, rows=True
    ),
    "DataFreshness": RuleType(1, 1, "a duration", "every time's age meets the condition; null doesn't", rows=True),
    "CustomSql": RuleType(
        1,
        1,
        "a number or nothing",
        "the one number that the statement gives; without a condition, every row that it returns passes",
        "statement",
        takes_threshold=True,
        takes_where=False,
        is_analyzer=True,
        rows=True,
        looks_back=True,
    ),
    "ReferentialIntegrity": RuleType(
        2,
        2,
        "a number",
        "share of rows whose values are in the reference, too; null is not",
        "reference",
        takes_where=False,
        rows=True,
        looks_back=True,
    ),
    "RowCountMatch": RuleType(
        1, 1, "a number", "number of rows, by that of the other dataset", "dataset", takes_where=False
    ),
    "AllStatistics": RuleType(
        1,
        1,
        "nothing",
        "all metrics of a column; of every column for AllColumns",
        takes_where=False,
        is_rule=False,
        is_analyzer=True,
    ),
}
REFUSED = {
    "DatasetMatch": "compare by ReferentialIntegrity on the key, and by CustomSql on the values",
    "SchemaMatch": "write ColumnExists and ColumnDataType for each column",
    "AggregateMatch": "compare both sums in one CustomSql statement",
    "DetectAnomalies": "compare with past runs: RowCount > 0.9 * avg(last(10))",
    "FileFreshness": "use DataFreshness on a column, or check files in the job",
    "FileMatch": "check files in the job, by boto3",
    "FileUniqueness": "check files in the job, by boto3",
    "FileSize": "check files in the job, by boto3",
}
"""Rule types that DQDL has and lakebox doesn't, each with what to write in its place."""
RATIOS = ("Completeness", "Uniqueness", "ReferentialIntegrity")
"""Types whose outcome is a share of rows: in a composite rule they can't be evaluated row by row."""
KEY_RULES = ("IsUnique", "Uniqueness", "IsPrimaryKey")
"""Types that a row fails by sharing its values with another row."""
