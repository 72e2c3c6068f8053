"""Athena's functions of JSON, each with DuckDB's text; those that start with athena_ are in Python."""

# What DuckDB reads as JSON and Athena reads alike: NaN and infinity are none, and a comma is followed by a value.
STRICT_JSON = r"json_valid(_0) AND NOT regexp_matches(_0, 'NaN|nan|Inf|inf|,\s*[\]}]')"
LENGTH = (
    f"CASE WHEN json_type(CASE WHEN {STRICT_JSON} THEN _0 END) = 'ARRAY' THEN CAST(json_array_length(_0) AS BIGINT) END"
)
CONTAINS = "athena_json_contains(CAST(_0 AS VARCHAR), CAST(_1 AS VARCHAR), '{}')"
JSON = {
    "json_array_length(varchar): bigint": LENGTH,
    "json_array_length(json): bigint": "CASE WHEN json_type(_0) = 'ARRAY' THEN json_array_length(_0) END",
    "json_parse(varchar): json": "CAST(athena_json_parse(_0) AS JSON)",
    "json_format(json): varchar": "CAST(_0 AS VARCHAR)",
    # The parser makes lists of what stands in their parentheses.
    "json_object(array(varchar), array(varchar), varchar): varchar": "athena_json_object(_0, _1, _2)",
    "json_array(array(varchar), varchar): varchar": "athena_json_array(_0, _1)",
    "json_value(varchar, varchar, varchar): varchar": "athena_json_value(_0, _1, _2)",
    "json_query(varchar, varchar, varchar): varchar": "athena_json_query(_0, _1, _2)",
    "json_exists(varchar, varchar, varchar): boolean": "athena_json_exists(_0, _1, _2)",
    "json_size(json, varchar): bigint": "athena_json_size(CAST(_0 AS VARCHAR), _1)",
    "json_size(varchar, varchar): bigint": "athena_json_size(_0, _1)",
    "json_array_get(varchar, bigint): json": "CAST(athena_json_item(_0, _1) AS JSON)",
    "json_array_get(json, bigint): json": "CAST(athena_json_item(CAST(_0 AS VARCHAR), _1) AS JSON)",
    "is_json_scalar(varchar): boolean": "json_type(CAST(athena_json_parse(_0) AS JSON)) NOT IN ('OBJECT', 'ARRAY')",
    "is_json_scalar(json): boolean": "json_type(_0) NOT IN ('OBJECT', 'ARRAY')",
    **{
        f"json_array_contains({array}, {kind}): boolean": CONTAINS.format(kind)
        for array in ("varchar", "json")
        for kind in ("varchar", "bigint", "double", "boolean")
    },
}
