"""Athena's functions of maps, each with DuckDB's text; _0 is the first argument, and _1(x) a lambda's result."""

DISTINCT_KEYS = "list_filter(_0, lambda e, i: list_position(list_transform(_0, lambda f: f[1]), e[1]) = i)"
NO_NULL = "CASE WHEN list_count(_0) < len(_0) THEN error('map entry cannot be null')"
MAPS = {
    "map(): map(T, U)": "MAP {}",
    "map(array(Q), array(T)): map(Q, T)": "map(_0, _1)",
    "cardinality(map(T, U)): bigint": "cardinality(_0)",
    "map_keys(map(T, U)): array(T)": "map_keys(_0)",
    "map_values(map(T, U)): array(U)": "map_values(_0)",
    "map_entries(map(T, U)): array(row(T, U))": "list_transform(map_entries(_0), lambda e: row(e.key, e.value))",
    "map_from_entries(array(row(Q, U))): map(Q, U)": f"{NO_NULL} ELSE map_from_entries(list_transform(_0, "
    "lambda e: struct_pack(key := e[1], value := e[2]))) END",
    "multimap_from_entries(array(row(Q, U))): map(Q, array(U))": f"{NO_NULL} ELSE map_from_entries(list_transform("
    f"{DISTINCT_KEYS}, lambda e: struct_pack(key := e[1], value := list_transform(list_filter(_0, "
    "lambda f: f[1] = e[1]), lambda f: f[2])))) END",
    "map_concat(map(Q, U), map(Q, U)...): map(Q, U)": "CASE WHEN list_count([_all]) = len([_all]) "
    "THEN map_concat(_all) END",
    "map_filter(map(T, U), (T, U) -> boolean): map(T, U)": "map_from_entries(list_filter(map_entries(_0), "
    "lambda e: _1(e.key, e.value)))",
    "transform_values(map(T, U), (T, U) -> V): map(T, V)": "map_from_entries(list_transform(map_entries(_0), "
    "lambda e: struct_pack(key := e.key, value := _1(e.key, e.value))))",
    "transform_keys(map(T, U), (T, U) -> Q): map(Q, U)": "map_from_entries(list_transform(map_entries(_0), "
    "lambda e: struct_pack(key := _1(e.key, e.value), value := e.value)))",
    "map_zip_with(map(Q, U), map(Q, V), (Q, U, V) -> R): map(Q, R)": "CASE WHEN _0 IS NULL OR _1 IS NULL THEN NULL "
    "ELSE map_from_entries(list_transform(list_concat(map_keys(_0), list_filter(map_keys(_1), "
    "lambda k: NOT list_contains(map_keys(_0), k))), lambda k: struct_pack(key := k, "
    "value := _2(k, map_extract_value(_0, k), map_extract_value(_1, k))))) END",
    "split_to_multimap(varchar, varchar, varchar): map(varchar, array(varchar))": "CASE WHEN _1 = '' OR _2 = '' "
    "OR _1 = _2 THEN error('split_to_multimap: the delimiters must not be empty or the same') ELSE list_transform("
    "[list_transform(list_filter(string_split(CASE WHEN right(_0, length(_1)) = _1 THEN left(_0, -length(_1)) ELSE _0 "
    "END, _1), lambda p: _0 <> ''), lambda p: CASE WHEN len(string_split(p, _2)) <> 2 "
    "THEN error('Key-value delimiter must appear exactly once in each entry. Bad input: ' || p) "
    "ELSE string_split(p, _2) END)], lambda l: map_from_entries(list_transform(list_distinct(list_transform(l, "
    "lambda e: e[1])), lambda k: struct_pack(key := k, value := list_transform(list_filter(l, lambda e: e[1] = k), "
    "lambda e: e[2])))))[1] END",
    "split_to_map(varchar, varchar, varchar): map(varchar, varchar)": "CASE WHEN _1 = '' OR _2 = '' OR _1 = _2 "
    "THEN error('split_to_map: the delimiters must not be empty or the same') "
    "ELSE map_from_entries(list_transform(list_filter("
    "string_split(CASE WHEN right(_0, length(_1)) = _1 THEN left(_0, -length(_1)) ELSE _0 END, _1), "
    "lambda p: _0 <> ''), "
    "lambda p: CASE WHEN len(string_split(p, _2)) <> 2 "
    "THEN error('Key-value delimiter must appear exactly once in each entry. Bad input: ' || p) "
    "ELSE struct_pack(key := string_split(p, _2)[1], value := string_split(p, _2)[2]) END)) END",
}
