"""Athena's aggregates, each with DuckDB's text; of two texts the second is what is made of the aggregate's result."""

PAIRS = "list(struct_pack(key := _0, value := _1))"
# Of several values of a key the first stays.
AS_MAP = (
    "CASE WHEN len(list_filter(_0, lambda e: e.key IS NOT NULL)) > 0 THEN list_transform([list_sort(list_transform("
    "list_filter(_0, lambda e: e.key IS NOT NULL), lambda e, i: struct_pack(key := e.key, i := i, value := e.value)))"
    "], "
    "lambda s: map_from_entries(list_transform(list_filter(s, lambda e, i: i = 1 OR s[i - 1].key <> e.key), "
    "lambda e: struct_pack(key := e.key, value := e.value))))[1] END"
)
AS_LISTS = (
    "CASE WHEN len(list_filter(_0, lambda e: e.key IS NOT NULL)) > 0 THEN map_from_entries(list_transform("
    "list_sort(list_distinct(list_transform(_0, lambda e: e.key))), lambda k: struct_pack(key := k, "
    "value := list_transform(list_filter(_0, lambda e: e.key = k), lambda e: e.value)))) END"
)
# Trino's digest keeps single values while there are few, and then its answer is the one at floor(p * count).
PERCENTILE = (
    "CASE WHEN list_count(_0) = 0 THEN NULL WHEN NOT _2 BETWEEN 0 AND 1 "
    "THEN error('Percentile must be between 0 and 1') ELSE list_extract(list_sort(list_filter(_0, "
    "lambda x: x IS NOT NULL)), 1 + least(CAST(floor(_2 * list_count(_0)) AS BIGINT), list_count(_0) - 1)) END"
)
PERCENTILES = PERCENTILE.replace("NOT _2 BETWEEN 0 AND 1", "NOT (list_min(_2) >= 0 AND list_max(_2) <= 1)")
PERCENTILES = PERCENTILES.replace("ELSE list_extract(", "ELSE list_transform(_2, lambda p: list_extract(")
PERCENTILES = PERCENTILES.replace("floor(_2 *", "floor(p *").replace("- 1)) END", "- 1))) END")
ROWS_BY = (
    "CASE WHEN _3 < 1 THEN error('third argument of {name} must be a positive integer') "
    "WHEN len(list_filter(_0, lambda e: e.k IS NOT NULL)) > 0 THEN list_transform(list_slice("
    "{sort}(list_filter(_0, lambda e: e.k IS NOT NULL)), 1, _3), lambda e: e.v) END"
)
AGGREGATES = {
    "max_by(T, U): T": ("arg_max_null(_0, _1)", "_0"),  # the value may be null
    "min_by(T, U): T": ("arg_min_null(_0, _1)", "_0"),
    **{
        f"{name}(T, U, bigint): array(T)": (
            "list(struct_pack(k := _1, v := _0))",
            ROWS_BY.format(name=name, sort=sort),
        )
        for name, sort in (("max_by", "list_reverse_sort"), ("min_by", "list_sort"))
    },
    "map_agg(Q, V): map(Q, V)": (PAIRS, AS_MAP),
    "multimap_agg(Q, V): map(Q, array(V))": (PAIRS, AS_LISTS),
    "map_union(map(Q, V)): map(Q, V)": ("list(map_entries(_0))", AS_MAP.replace("_0", "flatten(_0)")),
    "histogram(Q): map(Q, bigint)": ("histogram(_0)", "_0"),
    # Values are taken in one after the other, so what combines two states is not needed.
    "reduce_agg(T, S, (S, T) -> S, (S, S) -> S): S": (
        "list(_0)",
        "CASE WHEN list_count(_0) > 0 THEN list_reduce("
        "list_transform(list_filter(_0, lambda x: x IS NOT NULL), "
        "lambda y: struct_pack(s := CASE WHEN false THEN _2 END, x := y)), "
        "lambda a, b: struct_pack(s := _3(a.s, b.x), x := b.x), struct_pack(s := _2, x := list_extract(_0, 1))).s END",
    ),
    "every(boolean): boolean": ("bool_and(_0)", "_0"),
    "approx_percentile(bigint, double): bigint": ("list(_0)", PERCENTILE),
    "approx_percentile(double, double): double": ("list(_0)", PERCENTILE),
    "approx_percentile(bigint, array(double)): array(bigint)": ("list(_0)", PERCENTILES),
    "approx_percentile(double, array(double)): array(double)": ("list(_0)", PERCENTILES),
    "bitwise_and_agg(bigint): bigint": ("bit_and(_0)", "_0"),
    "bitwise_or_agg(bigint): bigint": ("bit_or(_0)", "_0"),
    "corr(double, double): double": ("corr(_0, _1)", "CASE WHEN NOT isnan(_0) THEN _0 END"),
    "regr_slope(double, double): double": ("regr_slope(_0, _1)", "CASE WHEN NOT isnan(_0) THEN _0 END"),
    "regr_intercept(double, double): double": ("regr_intercept(_0, _1)", "CASE WHEN NOT isnan(_0) THEN _0 END"),
    "covar_pop(double, double): double": ("covar_pop(_0, _1)", "_0"),
    "covar_samp(double, double): double": ("covar_samp(_0, _1)", "_0"),
    "geometric_mean(double): double": ("avg(ln(_0))", "exp(_0)"),
}
