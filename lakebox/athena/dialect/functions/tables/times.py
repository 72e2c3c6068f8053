"""Athena's functions of times, each with DuckDB's text; those that start with athena_ are in Python."""

TIMES = {
    "from_iso8601_date(varchar): date": "CAST(athena_iso_date(_0) AS DATE)",
    "current_timezone(): varchar": "'UTC'",
    "to_iso8601(timestamp3): varchar": "strftime(_0, '%Y-%m-%dT%H:%M:%S.%g')",
    "to_iso8601(timestamptz3): varchar": "strftime(_0, '%Y-%m-%dT%H:%M:%S.%gZ')",
    "to_iso8601(date!): varchar": "CAST(_0 AS VARCHAR)",
    "year_of_week(timestamp): bigint": "isoyear(_0)",
    "yow(timestamp): bigint": "isoyear(_0)",
    "year_of_week(timestamp with time zone): bigint": "isoyear(_0)",
    "millisecond(timestamp): bigint": "date_part('millisecond', _0) - 1000 * date_part('second', _0)",
    "millisecond(timestamp with time zone): bigint": "date_part('millisecond', _0) - 1000 * date_part('second', _0)",
    "human_readable_seconds(double): varchar": "athena_readable_seconds(_0)",
    "parse_duration(varchar): interval": "to_milliseconds(athena_duration_ms(_0))",
    "to_milliseconds(interval): bigint": "CAST(round(epoch(_0) * 1000) AS BIGINT)",
    "timezone_hour(timestamp with time zone): bigint": "CASE WHEN _0 IS NOT NULL THEN 0 END",
    "timezone_minute(timestamp with time zone): bigint": "CASE WHEN _0 IS NOT NULL THEN 0 END",
}
