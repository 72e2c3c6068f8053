"""Athena's functions of arrays, each with DuckDB's text; _0 is the first argument, and _1(x) a lambda's result."""

DISTINCT = "list_filter({0}, lambda x, i: list_position({0}, x) = i)"
ANY_NULL = "_0 IS NULL OR _1 IS NULL"
TESTS = "list_transform([list_transform(_0, _1)], lambda t: CASE WHEN t IS NULL THEN NULL {0} END)[1]"
TOO_LONG = "error('result of sequence function must not have more than 10000 entries')"
STEP = (
    "error('sequence stop value should be greater than or equal to start value if step is greater than zero "
    "otherwise stop should be less than or equal to start')"
)
DAY_SEQUENCE = (
    f"CASE WHEN _2 = INTERVAL 0 DAY OR (_2 > INTERVAL 0 DAY) <> (_0 < _1) AND _0 <> _1 THEN {STEP} "
    f"WHEN abs(epoch(CAST(_1 AS TIMESTAMP)) - epoch(CAST(_0 AS TIMESTAMP))) > 9999 * abs(epoch(_2)) THEN {TOO_LONG} "
    "ELSE generate_series(CAST(_0 AS TIMESTAMP), CAST(_1 AS TIMESTAMP), _2) END"
)
NO_NAN = (
    "CASE WHEN list_count(_0) < len(_0) THEN NULL WHEN list_contains(_0, CAST('nan' AS DOUBLE)) "
    "THEN error('NaN in array_min and array_max is not supported by the embedded engine') ELSE {0} END"
)
ARRAYS = {
    "cardinality(array(T)): bigint": "len(_0)",
    "filter(array(T), T -> boolean): array(T)": "list_filter(_0, _1)",
    "transform(array(T), T -> U): array(U)": "list_transform(_0, _1)",
    "reduce(array(T), S, (S, T) -> S, S -> R): R": "CASE WHEN _0 IS NOT NULL THEN list_transform([list_reduce("
    "list_transform(_0, lambda y: struct_pack(s := CASE WHEN false THEN _1 END, x := y)), "
    "lambda a, b: struct_pack(s := _2(a.s, b.x), x := b.x), "
    "struct_pack(s := _1, x := list_extract(_0, 1))).s], lambda s: _3(s))[1] END",
    "any_match(array(T), T -> boolean): boolean": TESTS.format(
        "WHEN list_contains(t, true) THEN true WHEN list_count(t) < len(t) THEN NULL ELSE false"
    ),
    "all_match(array(T), T -> boolean): boolean": TESTS.format(
        "WHEN list_contains(t, false) THEN false WHEN list_count(t) < len(t) THEN NULL ELSE true"
    ),
    "none_match(array(T), T -> boolean): boolean": TESTS.format(
        "WHEN list_contains(t, true) THEN false WHEN list_count(t) < len(t) THEN NULL ELSE true"
    ),
    "zip_with(array(T), array(U), (T, U) -> R): array(R)": f"CASE WHEN {ANY_NULL} THEN NULL "
    "ELSE list_transform(list_zip(_0, _1), lambda p: _2(p[1], p[2])) END",
    "zip(array(T), array(U)): array(row(T, U))": f"CASE WHEN {ANY_NULL} THEN NULL ELSE list_zip(_0, _1) END",
    "zip(array(T), array(U), array(V)): array(row(T, U, V))": f"CASE WHEN {ANY_NULL} OR _2 IS NULL THEN NULL "
    "ELSE list_zip(_0, _1, _2) END",
    "sequence(bigint, bigint): array(bigint)": f"CASE WHEN abs(CAST(_1 AS HUGEINT) - _0) > 9999 THEN {TOO_LONG} "
    "ELSE generate_series(_0, _1, CASE WHEN _0 <= _1 THEN 1 ELSE -1 END) END",
    "sequence(bigint, bigint, bigint): array(bigint)": f"CASE WHEN _2 = 0 OR (_2 > 0) <> (_0 < _1) AND _0 <> _1 "
    f"THEN {STEP} WHEN abs(CAST(_1 AS HUGEINT) - _0) // abs(_2) > 9999 THEN {TOO_LONG} "
    "ELSE generate_series(_0, _1, _2) END",
    "sequence(date!, date!): array(date)": f"CASE WHEN abs(_1 - _0) > 9999 THEN {TOO_LONG} "
    "ELSE list_transform(generate_series(0, _1 - _0, CASE WHEN _0 <= _1 THEN 1 ELSE -1 END), "
    "lambda i: _0 + CAST(i AS INTEGER)) END",
    "sequence(date!, date!, interval): array(date)": "list_transform(CASE WHEN date_trunc('day', DATE '2000-01-01' "
    "+ _2) <> DATE '2000-01-01' + _2 THEN error('sequence step must be a day interval if start and end values are "
    f"dates') ELSE {DAY_SEQUENCE} END, lambda t: CAST(t AS DATE))",
    "sequence(timestamp!, timestamp!, interval): array(timestamp)": DAY_SEQUENCE,
    "slice(array(T), bigint, bigint): array(T)": "CASE WHEN _0 IS NULL OR _1 IS NULL OR _2 IS NULL THEN NULL "
    "WHEN _1 = 0 THEN error('SQL array indices start at 1') "
    "WHEN _2 < 0 THEN error('length must be greater than or equal to 0') "
    "WHEN _1 < -len(_0) OR _1 > len(_0) OR _2 = 0 THEN _0[1:0] "
    "WHEN _1 < 0 THEN list_slice(_0, len(_0) + _1 + 1, least(len(_0), len(_0) + _1 + _2)) "
    "ELSE list_slice(_0, _1, least(len(_0), _1 - 1 + least(_2, len(_0)))) END",
    "trim_array(array(T), bigint): array(T)": "CASE WHEN _1 < 0 THEN error('size must not be negative') "
    "WHEN _1 > len(_0) THEN error('size must not exceed array cardinality') "
    "WHEN _1 = len(_0) THEN _0[1:0] ELSE list_slice(_0, 1, len(_0) - _1) END",
    "flatten(array(array(T))): array(T)": "flatten(_0)",
    "array_sort(array(Q)): array(Q)": "list_sort(_0, 'ASC', 'NULLS LAST')",
    # By insertion, an element after its equals.
    "array_sort(array(T), (T, T) -> integer): array(T)": "list_reduce(list_transform(_0, lambda x: [x]), "
    "lambda s, e: list_concat(list_filter(s, lambda a: _1(a, e[1]) <= 0), e, "
    "list_filter(s, lambda a: _1(a, e[1]) > 0)), _0[1:0])",
    "array_distinct(array(E)): array(E)": DISTINCT.format("_0"),
    "array_union(array(E), array(E)): array(E)": f"CASE WHEN {ANY_NULL} THEN NULL ELSE list_transform("
    f"[list_concat(_0, _1)], lambda u: {DISTINCT.format('u')})[1] END",
    "array_intersect(array(E), array(E)): array(E)": f"CASE WHEN {ANY_NULL} THEN NULL ELSE list_filter("
    "CASE WHEN len(_0) < len(_1) THEN _1 ELSE _0 END, lambda x, i: list_position(CASE WHEN len(_0) < len(_1) THEN _0 "
    "ELSE _1 END, x) IS NOT NULL AND list_position(CASE WHEN len(_0) < len(_1) THEN _1 ELSE _0 END, x) = i) END",
    "array_except(array(E), array(E)): array(E)": f"CASE WHEN {ANY_NULL} THEN NULL ELSE list_filter(_0, "
    "lambda x, i: list_position(_1, x) IS NULL AND list_position(_0, x) = i) END",
    "arrays_overlap(array(X), array(X)): boolean": f"CASE WHEN {ANY_NULL} THEN NULL "
    "WHEN len(_0) = 0 OR len(_1) = 0 THEN false "
    "WHEN len(list_filter(_0, lambda x: x IS NOT NULL AND list_contains(_1, x))) > 0 THEN true "
    "WHEN list_count(_0) < len(_0) OR list_count(_1) < len(_1) THEN NULL ELSE false END",
    "array_position(array(X), X): bigint": f"CASE WHEN {ANY_NULL} THEN NULL "
    "ELSE coalesce(list_position(_0, _1), 0) END",
    "array_remove(array(X), X): array(X)": "CASE WHEN _1 IS NULL THEN NULL "
    "ELSE list_filter(_0, lambda x: x IS NULL OR x <> _1) END",
    "array_min(array(X)): X": "CASE WHEN list_count(_0) = len(_0) THEN list_min(_0) END",
    "array_max(array(X)): X": "CASE WHEN list_count(_0) = len(_0) THEN list_max(_0) END",
    "array_min(array(double!)): double": NO_NAN.format("list_min(_0)"),
    "array_max(array(double!)): double": NO_NAN.format("list_max(_0)"),
    "array_position(array(double), double): bigint": "CASE WHEN isnan(_1) THEN 0 "
    "WHEN _0 IS NOT NULL AND _1 IS NOT NULL THEN coalesce(list_position(_0, _1), 0) END",
    "array_remove(array(double), double): array(double)": "CASE WHEN _1 IS NULL THEN NULL "
    "ELSE list_filter(_0, lambda x: x IS NULL OR x <> _1 OR isnan(_1)) END",
    "repeat(T, bigint): array(T)": "CASE WHEN _1 < 0 THEN error('count argument of repeat function must be greater "
    "than or equal to 0') WHEN _1 > 10000 THEN error('count argument of repeat function must be less than or equal "
    "to 10000') ELSE list_transform(range(_1), lambda i: _0) END",
    "ngrams(array(T), bigint): array(array(T))": "CASE WHEN _1 < 1 THEN error('N must be positive') "
    "ELSE list_transform(range(1, greatest(len(_0) - _1 + 2, 2)), lambda i: list_slice(_0, i, i + _1 - 1)) END",
    "array_histogram(array(X)): map(X, bigint)": "map_from_entries(list_transform(list_filter(_0, lambda x, i: "
    "x IS NOT NULL AND list_position(_0, x) = i), lambda k: struct_pack(key := k, "
    "value := len(list_filter(_0, lambda y: y = k)))))",
    "combinations(array(T), bigint): array(array(T))": "list_transform(athena_combinations(len(_0), _1), "
    "lambda c: list_transform(c, lambda i: list_extract(_0, i)))",
    "contains_sequence(array(X), array(X)): boolean": "CASE WHEN len(_1) = 0 THEN true "
    "ELSE list_contains(list_transform(range(1, len(_0) - len(_1) + 2), "
    "lambda i: list_slice(_0, i, i + len(_1) - 1) = _1), true) END",
}
