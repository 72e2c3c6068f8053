"""Functions that answer alike in Athena (Trino) and in DuckDB, some of them once the dialect has mended them.

A function that is not here is refused by name: an error is better than another answer.
"""

from sqlglot import exp

AGREEING: tuple[type[exp.Expr], ...] = (
    # conditions and casts
    exp.And, exp.Or, exp.Case, exp.Cast, exp.Coalesce, exp.Exists, exp.If, exp.Nullif, exp.Try, exp.TryCast,
    # aggregates and windows
    exp.AnyValue, exp.ApproxDistinct, exp.ArgMax, exp.ArgMin, exp.ArrayAgg, exp.Avg, exp.Count, exp.CountIf,
    exp.LogicalAnd, exp.LogicalOr, exp.Max, exp.Min, exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.Sum, exp.Variance,
    exp.VariancePop, exp.CumeDist, exp.DenseRank, exp.FirstValue, exp.Lag, exp.LastValue, exp.Lead, exp.Ntile,
    exp.PercentRank, exp.Rank, exp.RowNumber,
    # numbers
    exp.Abs, exp.Ceil, exp.Exp, exp.Floor, exp.Greatest, exp.IsInf, exp.IsNan, exp.Least, exp.Ln, exp.Pow, exp.Round,
    exp.Sign, exp.Sqrt,
    # text
    exp.Chr, exp.Concat, exp.Length, exp.Lower, exp.Pad, exp.RegexpExtract, exp.RegexpLike, exp.RegexpReplace,
    exp.Replace, exp.Reverse, exp.Split, exp.SplitPart, exp.StartsWith, exp.StrPosition, exp.Substring, exp.Trim,
    exp.Upper,
    # times
    exp.CurrentDate, exp.CurrentTimestamp, exp.Date, exp.DateAdd, exp.DateDiff, exp.DateTrunc, exp.Day, exp.DayOfMonth,
    exp.DayOfWeekIso, exp.DayOfYear, exp.Extract, exp.FromISO8601Timestamp, exp.Hour, exp.LastDay, exp.Minute,
    exp.Month, exp.Quarter, exp.StrToTime, exp.TimestampTrunc, exp.TimeToStr, exp.TimeToUnix, exp.UnixToTime,
    exp.WeekOfYear, exp.Year,
    # JSON and arrays
    exp.Array, exp.ArrayContains, exp.ArrayDistinct, exp.ArraySize, exp.ArrayToString, exp.JSONExtract,
    exp.JSONExtractScalar, exp.Unnest,
)  # fmt: skip

REFUSED: dict[type[exp.Expr], str] = {
    exp.Qualify: "QUALIFY is not Athena's; filter a subquery on the window's column",
    exp.ILike: "ILIKE is not Athena's; write lower(a) LIKE 'x%'",
    exp.TableSample: "TABLESAMPLE gives other rows each time; filter on a hash of the key",
    exp.Pivot: "PIVOT is not Athena's; write sum(CASE WHEN … END)",
    exp.AtTimeZone: "AT TIME ZONE is not done here; the lake's timestamps are UTC",
    exp.Lambda: "lambda functions are not done here yet; use UNNEST",
    exp.Into: "SELECT INTO is not Athena's",
    exp.Placeholder: "parameters are not done here; write the values",
    exp.Parameter: "parameters are not done here; write the values",
    exp.Lateral: "LATERAL is not done here; use CROSS JOIN UNNEST",
}

STATEMENTS = {
    "MSCK": "lakebox crawl registers partitions",
    "REPAIR": "lakebox crawl registers partitions",
    "CREATE": "the embedded engine reads only; the jobs and lakebox crawl make tables",
    "INSERT": "the embedded engine reads only; the jobs write the tables",
    "UNLOAD": "the embedded engine reads only; use lakebox sql --format csv",
    "DROP": "the embedded engine reads only; delete the files and run lakebox crawl",
    "ALTER": "the embedded engine reads only; lakebox crawl registers partitions",
    "DELETE": "the embedded engine reads only; send a change with op D",
    "UPDATE": "the embedded engine reads only; send a change with op U",
    "MERGE": "the embedded engine reads only; the jobs merge changes",
}
