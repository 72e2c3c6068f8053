"""Functions of Athena (Trino) as DuckDB has them: which answer alike, which are written otherwise, which are refused.

A function that is not here is refused by name: an error is better than another answer.
"""

import re

from sqlglot import exp

from lakebox.athena.dialect.forms.zones import ZONE_FIELDS, in_zone
from lakebox.athena.engine import SqlError
from lakebox.athena.json_scalar import own_path

ON_STACK = "run it on the stack (LAKEBOX_TARGET=compose)"
AGREEING: tuple[type[exp.Expr], ...] = (
    # conditions and casts
    exp.And, exp.Or, exp.Case, exp.Cast, exp.Coalesce, exp.Exists, exp.If, exp.Nullif, exp.Try, exp.TryCast,
    # aggregates and windows
    exp.AnyValue, exp.ApproxDistinct, exp.ArrayAgg, exp.Avg, exp.Count, exp.CountIf,
    exp.LogicalAnd, exp.LogicalOr, exp.Max, exp.Min, exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.Sum, exp.Variance,
    exp.VariancePop, exp.CumeDist, exp.DenseRank, exp.FirstValue, exp.Lag, exp.LastValue, exp.Lead, exp.Ntile,
    exp.NthValue, exp.PercentRank, exp.Rank, exp.RowNumber,
    # numbers
    exp.Abs, exp.Ceil, exp.Exp, exp.Floor, exp.Greatest, exp.IsInf, exp.IsNan, exp.Least, exp.Ln, exp.Pow, exp.Round,
    exp.Sign, exp.Sqrt,
    # text
    exp.Chr, exp.Concat, exp.Length, exp.Lower, exp.Pad, exp.RegexpExtract, exp.RegexpLike, exp.RegexpReplace,
    exp.Replace, exp.Reverse, exp.Split, exp.SplitPart, exp.StartsWith, exp.StrPosition, exp.Substring, exp.Trim,
    exp.Upper,
    # times
    exp.AtTimeZone, exp.CurrentDate, exp.CurrentTimestamp,
    exp.Date, exp.DateAdd, exp.DateDiff, exp.DateTrunc, exp.Day, exp.DayOfMonth,
    exp.DayOfWeekIso, exp.DayOfYear, exp.Extract, exp.FromISO8601Timestamp, exp.Hour, exp.LastDay, exp.Minute,
    exp.Month, exp.Localtimestamp, exp.Quarter, exp.Second, exp.StrToTime, exp.TimestampTrunc,
    exp.TimeToStr, exp.TimeToUnix, exp.UnixToTime,
    exp.WeekOfYear, exp.Year,
    # JSON and arrays
    exp.Array, exp.ArrayContains, exp.ArrayToString, exp.Struct, exp.Grouping, exp.GroupConcat, exp.DPipe,
    exp.Normalize, exp.ParseJSON, exp.JSONExtract, exp.Lateral, exp.TableSample, exp.Typeof,
    exp.JSONExtractScalar, exp.Unnest,
)  # fmt: skip

REFUSED: dict[type[exp.Expr], str] = {
    exp.Qualify: "QUALIFY is not Athena's; filter a subquery on the window's column",
    exp.ILike: "ILIKE is not Athena's; write lower(a) LIKE 'x%'",
    exp.Pivot: "PIVOT is not Athena's; write sum(CASE WHEN … END)",
    exp.Into: "SELECT INTO is not Athena's",
    exp.Placeholder: "Incorrect number of parameters: the statement has a question mark and no value for it; "
    "give one in ExecutionParameters, or by EXECUTE … USING",
    exp.Parameter: "@ is not Athena's; write ? and give the value in ExecutionParameters, or by EXECUTE … USING",
    exp.Lock: "FOR UPDATE is not Athena's; queries only read",
}

NAMES = {  # as Athena calls them; sqlglot takes other engines' names for the same, too, such as nvl or len
    "abs", "any_value", "at_timezone", "with_timezone", "format_datetime", "parse_datetime", "grouping",
    "listagg", "row",
    "approx_distinct", "arbitrary", "array", "array_agg",
    "array_join",
    "avg",
    "bool_and", "bool_or", "cast", "ceil", "ceiling", "chr", "coalesce", "concat", "concat_ws",
    "contains", "count", "count_if", "cume_dist", "current_date", "current_timestamp", "date", "date_add",
    "date_diff", "date_format", "date_parse", "date_trunc", "day", "day_of_month", "day_of_week", "day_of_year",
    "dense_rank", "dow", "doy", "element_at", "exists", "exp", "extract", "filter", "first_value", "floor",
    "from_iso8601_timestamp", "from_unixtime", "greatest", "hour", "if", "is_inf", "is_infinite", "is_nan",
    "json_extract", "json_extract_scalar", "json_array_length", "lag", "last_day_of_month", "last_value", "lead",
    "least", "length", "ln", "localtimestamp", "lower", "lpad", "ltrim", "max", "max_by", "millisecond", "min",
    "min_by", "minute", "mod", "month", "now", "ntile", "normalize", "nullif", "percent_rank", "position", "pow",
    "nth_value", "power",
    "quarter", "rank", "regexp_count", "regexp_extract", "regexp_like", "regexp_replace", "replace", "reverse",
    "round", "row_number", "rpad", "rtrim", "second", "sign", "split", "split_part", "sqrt", "starts_with",
    "stddev", "stddev_pop", "stddev_samp", "strpos", "substr", "substring", "sum", "to_unixtime", "trim", "try",
    "try_cast", "typeof", "unnest", "upper", "var_pop", "var_samp", "variance", "week", "week_of_year", "year",
}  # fmt: skip

INSTEAD = {
    "ifnull": "coalesce", "nvl": "coalesce", "iif": "if", "len": "length", "char_length": "length",
    "character_length": "length", "instr": "strpos", "locate": "strpos", "charindex": "strpos", "list": "array_agg",
    "dateadd": "date_add", "datediff": "date_diff", "datetrunc": "date_trunc", "to_char": "date_format",
    "strftime": "date_format", "strptime": "date_parse", "arg_max": "max_by", "arg_min": "min_by", "isnan": "is_nan",
    "isinf": "is_infinite", "array_length": "cardinality", "array_contains": "contains", "array_has": "contains",
    "startswith": "starts_with", "last_day": "last_day_of_month", "signum": "sign", "char": "chr",
}  # fmt: skip

WHITE_SPACE = " \t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\u1680\u2028\u2029\u205f\u3000" + "".join(
    chr(code)
    for code in range(0x2000, 0x200B)
    if code != 0x2007  # which does not break a line
)
EXTRACTED = {
    "DOW": "ISODOW", "DAY_OF_WEEK": "ISODOW", "DOY": "DOY", "DAY_OF_YEAR": "DOY",
    **{unit: unit for unit in ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND")},
}  # fmt: skip
PRINTED = re.compile(r"([^%]|%(-[mdHIMSj]|[YmdHIMSgpAaBbjyuGV%]))*")
PARSED = re.compile(r"([^%]|%(-[mdHIMS]|[YymdHIMSpBbfz%]))*")


def rewritten(tree: exp.Expr) -> exp.Expr:
    """The tree with functions written as DuckDB has them, before types are known."""
    for node in reversed(list(tree.walk())):
        replacement = in_zone(node) or _rewritten(node)
        if replacement is not None:
            node.replace(replacement)
    return tree


def _rewritten(node: exp.Expr) -> exp.Expr | None:
    if isinstance(node, exp.Trim) and node.expression is None:
        return exp.Trim(**{**node.copy().args, "expression": exp.Literal.string(WHITE_SPACE)})
    if isinstance(node, exp.Add) and isinstance(node.this, exp.Interval):
        return exp.Add(this=node.expression.copy(), expression=node.this.copy())
    if isinstance(node, exp.Try) and isinstance(node.this, exp.Cast) and not isinstance(node.this, exp.TryCast):
        return exp.Try(this=exp.TryCast(this=node.this.this.copy(), to=node.this.args["to"].copy()))
    if isinstance(node, exp.ParseJSON):
        return exp.Anonymous(this="json_parse", expressions=[node.this.copy()])
    if isinstance(node, exp.Normalize):
        form = node.args.get("form")
        literal = exp.Literal.string(form.name.upper() if isinstance(form, exp.Expr) else "NFC")
        return exp.Anonymous(this="normalize", expressions=[node.this.copy(), literal])
    if isinstance(node, exp.Struct) and len(node.expressions) > 1:
        return exp.Tuple(expressions=[value.copy() for value in node.expressions])
    if isinstance(node, exp.Extract):
        return exp.Extract(this=exp.var(EXTRACTED[node.name.upper()]), expression=node.expression.copy())
    return None


def check_arguments(node: exp.Expr) -> None:
    """Raise SqlError where a function agrees for some arguments only, and these are others."""
    if isinstance(node, exp.StrPosition | exp.Split):
        _check_text_function(node)
    elif isinstance(node, exp.TimeToStr | exp.StrToTime):
        _check_pattern(node)
    elif isinstance(node, exp.Extract) and node.name.upper() not in (*EXTRACTED, *ZONE_FIELDS):
        raise SqlError(f"extract({node.name} …) is not done here; known: {', '.join(EXTRACTED).lower()}")
    elif isinstance(node, exp.JSONExtract | exp.JSONExtractScalar):
        _check_json_path(node.expression)


def _check_json_path(path: exp.Expr) -> None:
    try:
        own_path(path.name if path.is_string else "$")
    except ValueError as error:
        raise SqlError(f"INVALID_FUNCTION_ARGUMENT: {error}; a path is as '$.a[0][\"b c\"]'") from error


def _check_text_function(node: exp.Expr) -> None:
    if isinstance(node.args.get("expression"), exp.Literal) and node.expression.name == "":
        raise SqlError("split: the delimiter may not be the empty text")


def _check_pattern(node: exp.Expr) -> None:
    pattern, is_print = node.args["format"], isinstance(node, exp.TimeToStr)
    name = "date_format" if is_print else "date_parse"
    if not isinstance(pattern, exp.Literal):
        raise SqlError(f"{name} takes a literal pattern here")
    if not (PRINTED if is_print else PARSED).fullmatch(pattern.name):
        raise SqlError(f"{name}: this pattern is not done here; use %Y %m %d %H %i %s %c %e %k %l %h %p %M %b %T")
    if not is_print and not re.search("%[Yy]", pattern.name):
        raise SqlError("date_parse without a year (%Y) is not done here")
