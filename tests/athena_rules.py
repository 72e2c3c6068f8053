"""The grammar of made statements: for each kind of value the texts that make one, its leaves, and statements' forms.

In a text {int} stands for a value of a kind, {0} for one of the kind that is made; {{ is a brace.
"""

LEAVES = {
    "int": "i|q.x|1|-7|0|100|CAST(NULL AS integer)",
    "big": "b|id|CAST(7 AS bigint)|3000000000|length(s)",
    "dec": "d|w|1.5|-2.75|0.005|100.00|CAST(9.99 AS decimal(10,4))|CAST(NULL AS decimal(7,2))",
    "dbl": "f|2.5e0|-1e-3|1.005e0|CAST(NULL AS double)",
    "real": "r|CAST(1.5 AS real)",
    "txt": "s|n|q.y|'abc'|''|'a,b'|'1.50'|CAST(NULL AS varchar)",
    "bool": "o|true|false|CAST(NULL AS boolean)",
    "date": "dt|DATE '2024-01-31'|DATE '1969-12-31'",
    "ts": "ts|TIMESTAMP '2024-02-29 23:30:00.123'|TIMESTAMP '1970-01-01 00:00:00'",
    "tz": "from_unixtime(b % 1000000)|TIMESTAMP '2024-07-01 10:00:00 UTC'|CAST(ts AS timestamp with time zone)",
    "ints": "a|ARRAY[1, 2, 3]|ARRAY[3, NULL, 1]|CAST(NULL AS array(integer))",
    "texts": "t|ARRAY['a', 'b']|split(s, ',')",
    "map": "m|MAP(ARRAY['a', 'x'], ARRAY[1, 2])",
    "row": "q|CAST(ROW(1, 'z') AS ROW(x integer, y varchar))",
    "json": "json_parse('{\"a\": [1, 2.5, null], \"b\": {\"c\": \"x\"}}')|CAST(a AS json)|"
    "CAST(m AS json)|json_parse('[1,\"q\"]')",
    "ivl": "INTERVAL '1' DAY|INTERVAL '36' HOUR|INTERVAL '-90' SECOND|INTERVAL '1 02:03' DAY TO MINUTE",
    "lit": "1|2|3|-1|0",
    "exact": "{int}|{dec}|{big}",
    "num": "{int}|{dec}|{big}|{dbl}|{real}",
    "op": "+|-|*",
    "cmp": "=|<>|<|<=|>|>=",
    "unit": "day|week|month|quarter|year",
    "small": "millisecond|second|minute|hour|day|week|month|quarter|year",
    "any": "{int}|{big}|{dec}|{dbl}|{txt}|{bool}|{date}|{ts}|{ints}|{texts}|{map}|{row}|{tz}|{ivl}|{json}|{real}",
    "key": "{int}|{txt}|{dec}|{date}|{ts}|{bool}|i % 3|{big}|o|s|dt",
    "plain": "{int}|{big}|{dec}|{txt}|{date}|{ts}|{bool}",
}  # fmt: skip
COMMON = (
    "coalesce({0}, {0})", "CASE WHEN {bool} THEN {0} ELSE {0} END", "if({bool}, {0}, {0})", "({0})",
    "if({bool}, {0})", "CASE WHEN {bool} THEN {0} WHEN {bool} THEN {0} END",
)  # fmt: skip
SCALAR = (
    "greatest({0}, {0})", "least({0}, {0})", "nullif({0}, {0})", "CASE {0} WHEN {0} THEN {0} ELSE {0} END",
    "TRY({0})", "element_at(ARRAY[{0}, {0}], 2)",
)  # fmt: skip
RULES = {
    "int": (
        "{int} {op} {lit}", "{int} / nullif({int}, 0)", "{int} % nullif({int}, 0)", "abs({int} % 100)",
        "TRY_CAST({txt} AS integer)", "CAST({dec} % 100 AS integer)", "TRY_CAST({dbl} AS integer)", "sign({int})",
        "element_at({ints}, {lit})", "reduce({ints}, 0, (s, x) -> s + coalesce(x, 0), s -> s)",
        "element_at({map}, 'a')", "({row}).x", "array_max({ints})", "array_min({ints})", "CAST({bool} AS integer)",
        "codepoint('é')", "levenshtein_distance({txt}, 'ab') + 0",
    ),
    "big": (
        "{big} {op} {int}", "{big} / nullif({big}, 0)", "length({txt})", "strpos({txt}, {txt})", "year({date})",
        "month({ts})", "day({ts})", "hour({ts})", "minute({ts})", "second({ts})", "millisecond({ts})",
        "quarter({date})", "week({date})", "day_of_week({date})", "day_of_year({date})", "year_of_week({date})",
        "cardinality({ints})", "cardinality({map})", "date_diff('{small}', {ts}, {ts})",
        "date_diff('{unit}', {date}, {date})", "TRY_CAST({txt} AS bigint)", "CAST({exact} AS bigint)",
        "array_position({ints}, {int})", "bitwise_and({big}, {int})", "bitwise_xor({int}, {int})",
        "json_array_length({json})", "json_size({json}, '$.a')",
        "TRY_CAST(json_extract_scalar({json}, '$.a[0]') AS bigint)", "hamming_distance('abc', 'abd')",
        "width_bucket({dbl}, 0, 10, 5)", "strpos({txt}, 'a', 1)", "levenshtein_distance({txt}, {txt})",
        "from_base('ff', 16)", "to_milliseconds({ivl})", "regexp_count({txt}, '[a-c]')", "hour({tz})", "month({tz})",
    ),
    "dec": (
        "{dec} {op} {exact}", "{int} {op} {dec}", "{dec} / nullif({exact}, 0)", "{dec} % nullif({exact}, 0)",
        "round({dec}, 1)", "round({dec})", "floor({dec})", "ceil({dec})", "abs({dec})", "-({dec})", "sign({dec})",
        "TRY_CAST({txt} AS decimal(10,2))", "CAST({dbl} % 1e3 AS decimal(12,3))", "truncate({dec})",
        "TRY_CAST({dec} AS decimal(6,1))", "round({dec}, -1)", "CAST({int} AS decimal(12,2))",
    ),
    "dbl": (
        "{dbl} {op} {num}", "{num} {op} {dbl}", "{dbl} / {num}", "round({dbl}, 2)", "round({dbl})", "floor({dbl})",
        "ceil({dbl})", "abs({dbl})", "sign({dbl})", "sqrt(abs({dbl}))", "CAST({num} AS double)", "power({dbl}, 2)",
        "TRY_CAST({txt} AS double)", "to_unixtime({ts})", "truncate({dbl})", "ln(abs({dbl}) + 1)", "mod({dbl}, 3)",
        "exp({dbl} / 1e10)", "atan({dbl})", "-({dbl})",
    ),
    "real": (
        "{real} {op} {real}", "CAST({dec} AS real)", "abs({real})", "{real} {op} {int}", "round({real}, 1)",
    ),
    "txt": (
        "{txt} || {txt}", "CAST({plain} AS varchar)", "CAST({dbl} AS varchar)", "CAST({real} AS varchar)",
        "lower({txt})", "upper({txt})", "trim({txt})", "ltrim({txt})", "rtrim({txt})", "reverse({txt})",
        "substr({txt}, {lit})", "substr({txt}, {lit}, 2)", "substring({txt}, 2, {lit})", "replace({txt}, 'a', {txt})",
        "replace({txt}, {txt}, 'z')", "lpad({txt}, 5, '*-')", "rpad({txt}, 3, 'é')", "split_part({txt}, ',', 2)",
        "concat({txt}, {txt}, 'x')", "concat_ws('-', {txt}, {txt})", "array_join({ints}, ',')",
        "array_join({texts}, '-', '?')", "date_format({ts}, '%Y-%m-%d %H:%i:%s.%f')",
        "date_format({date}, '%b %e %y, %W')", "regexp_extract({txt}, '([a-z]+)', 1)",
        "regexp_extract({txt}, '[a-zA-Z]')", "regexp_replace({txt}, '[ab]', 'Q')",
        "regexp_replace({txt}, '(.)b', '$1+')", "to_hex(to_utf8({txt}))", "to_hex(md5(to_utf8({txt})))",
        "to_iso8601({ts})", "to_iso8601({date})", "json_format({json})", "json_extract_scalar({json}, '$.b.c')",
        "json_format(json_extract({json}, '$.a'))", "json_format(CAST({ints} AS json))",
        "json_format(CAST({map} AS json))", "json_format(CAST({dec} AS json))", "json_format(CAST({txt} AS json))",
        "chr(97 + abs({int} % 20))", "({row}).y", "url_encode({txt})",
        "url_extract_host('https://a.example/' || 'x')", "CAST({txt} AS varchar(2))",
        "format_datetime({ts}, 'yyyy-MM-dd HH:mm:ss.SSS')", "format('%s|%5d', {txt}, {int})", "format('%.2f', {dec})",
        "translate({txt}, 'abc', 'xy')", "normalize({txt})", "CAST({tz} AS varchar)", "from_utf8(to_utf8({txt}))",
        "json_format(CAST({row} AS json))", "human_readable_seconds({big} % 100000)",
        "to_base(abs({int} % 1000), 16)", "element_at({texts}, 1)", "typeof({dec})", "typeof({ints})",
        "json_value('{{\"a\": 5}}', 'lax $.a')", "json_query('{{\"a\": [1, 2]}}', 'lax $.a')",
        "regexp_replace({txt}, '[A-Z]')",
    ),
    "bool": (
        "{bool} AND {bool}", "({bool} OR {bool})", "(NOT {bool})", "({num} {cmp} {num})", "({txt} {cmp} {txt})",
        "({date} {cmp} {date})", "({ts} {cmp} {ts})", "({date} {cmp} {ts})", "{txt} LIKE 'a%'", "{txt} LIKE '%b_' ",
        "{txt} LIKE 'A\\_b\\%' ESCAPE '\\'", "{exact} BETWEEN {exact} AND {exact}", "{int} IN ({int}, {int})",
        "{txt} NOT IN ({txt}, 'a')", "{any} IS NULL", "{plain} IS NOT NULL", "({int} IS DISTINCT FROM {int})",
        "({txt} IS NOT DISTINCT FROM {txt})", "contains({ints}, {int})", "contains({texts}, {txt})",
        "regexp_like({txt}, '^[a-c]+')", "starts_with({txt}, 'a')", "any_match({ints}, x -> x > 1)",
        "all_match({ints}, x -> x > 0)", "none_match({texts}, x -> x = 'a')", "arrays_overlap({ints}, {ints})",
        "(({bool}) = ({bool}))", "(({int}, {txt}) = ({int}, {txt}))", "is_nan({dbl})", "{tz} {cmp} {tz}",
        "({ivl} > {ivl})", "(({int}, {int}) IN ((1, 2), ({int}, 3)))", "json_exists('{{\"a\": 5}}', 'lax $.a')",
        "({ints} = {ints})", "regexp_like({txt}, 'b(?!c)')", "TRY_CAST({txt} AS boolean)",
    ),
    "date": (
        "date_add('{unit}', {lit}, {date})", "date_trunc('{unit}', {date})", "CAST({ts} AS date)", "date({ts})",
        "{date} + INTERVAL '{lit}' DAY", "{date} - INTERVAL '1' MONTH", "last_day_of_month({date})",
        "TRY_CAST({txt} AS date)", "date_add('month', {int} % 20, {date})", "from_iso8601_date('2024-05-05')",
    ),
    "ts": (
        "date_add('{small}', {lit}, {ts})", "date_trunc('{small}', {ts})", "CAST({date} AS timestamp)",
        "{ts} + INTERVAL '{lit}' HOUR", "{ts} - INTERVAL '1' YEAR", "TRY_CAST({txt} AS timestamp)", "{ts} + {ivl}",
        "date_parse('2024-05-05 10:11:12', '%Y-%m-%d %H:%i:%s')", "CAST({tz} AS timestamp)",
        "CAST(from_unixtime({int}) AS timestamp)", "CAST({tz} AT TIME ZONE 'Europe/Berlin' AS timestamp)",
    ),
    "tz": (
        "date_add('hour', {lit}, {tz})", "date_trunc('day', {tz})", "CAST({ts} AS timestamp with time zone)",
        "from_unixtime({int})", "{tz} + INTERVAL '1' DAY", "parse_datetime('2024-05-05 10:11', 'yyyy-MM-dd HH:mm')",
    ),
    "ints": (
        "ARRAY[{int}, {int}]", "array_distinct({ints})", "reverse({ints})", "{ints} || {ints}", "{ints} || {int}",
        "array_sort({ints})", "slice({ints}, 1, 2)", "filter({ints}, x -> x > 1)", "transform({ints}, x -> x % 7)",
        "array_remove({ints}, {int})", "array_union({ints}, {ints})", "array_intersect({ints}, {ints})",
        "array_except({ints}, {ints})", "flatten(ARRAY[{ints}, {ints}])", "map_values({map})", "repeat({int}, 2)",
        "CAST(sequence(1, 3) AS array(integer))", "zip_with({ints}, {ints}, (x, y) -> coalesce(x, y))",
        "TRY_CAST(json_parse('[1, 2]') AS array(integer))",
        "array_sort({ints}, (x, y) -> CASE WHEN x > y THEN -1 WHEN x = y THEN 0 WHEN x < y THEN 1 ELSE 0 END)",
        "transform({texts}, x -> CAST(length(x) AS integer))",
    ),
    "texts": (
        "ARRAY[{txt}, {txt}]", "reverse({texts})", "split({txt}, ',')", "concat({texts}, {texts})",
        "array_sort({texts})", "CAST({ints} AS array(varchar))", "map_keys({map})",
        "filter({texts}, x -> x LIKE 'a%')", "transform({texts}, x -> upper(x))",
        "regexp_extract_all({txt}, '[a-z]')", "regexp_split({txt}, '[,b]')", "split({txt}, 'b', 2)",
        "array_distinct({texts})",
    ),
    "map": (
        "MAP(ARRAY['a', 'b'], ARRAY[{int}, {int}])", "map_concat({map}, {map})", "map_filter({map}, (k, v) -> v > 1)",
        "transform_values({map}, (k, v) -> v % 5)", "transform_keys({map}, (k, v) -> k || 'x')",
        "map_from_entries(ARRAY[('a', {int})])", "map_zip_with({map}, {map}, (k, x, y) -> coalesce(x, y))",
    ),
    "row": (
        "CAST(ROW({int}, {txt}) AS ROW(x integer, y varchar))",
    ),
    "json": (
        "CAST({ints} AS json)", "CAST({map} AS json)", "CAST({txt} AS json)", "json_extract({json}, '$.b')",
        "CAST({dec} AS json)", "CAST({bool} AS json)", "CAST({texts} AS json)",
    ),
    "ivl": (
        "{ivl} + {ivl}", "{ivl} - {ivl}", "{ivl} * {lit}", "{ts} - {ts}", "{date} - {date}", "-({ivl})",
    ),
}  # fmt: skip
AGGREGATES = (
    "count(*)", "count({plain})", "count(DISTINCT {plain})", "sum({int})", "sum({dec})", "sum({big})", "avg({dec})",
    "avg({int})", "min({plain})", "max({plain})", "bool_or({bool})", "bool_and({bool})", "every({bool})",
    "count_if({bool})", "max_by({plain}, id)", "min_by({plain}, id)", "array_agg({plain} ORDER BY id)",
    "arbitrary(1)", "sum({dec}) FILTER (WHERE {bool})", "count(*) FILTER (WHERE {bool})", "approx_distinct(i)",
    "map_agg(id, {int})", "stddev({dec})", "variance({int})", "corr(f, b)",
    "listagg({txt}, ';') WITHIN GROUP (ORDER BY id)", "sum({exact}) / count(*)", "round(avg({dbl}), 3)",
    "histogram({int} % 3)", "multimap_agg(i % 2, id)", "approx_percentile({int}, 0.5)",
    "array_agg(DISTINCT i % 3 ORDER BY i % 3)", "geometric_mean(id)", "bitwise_or_agg(i)",
    "max({date}) - min({date})", "sum({int}) * 1.19", "coalesce(sum({dec}), 0)", "avg({real})", "min(id, 2)",
    "sum(DISTINCT {int} % 5)", "count(DISTINCT ({txt}, {int}))", "stddev_pop({int})", "var_pop({dec})",
)  # fmt: skip
RANKS = (
    "row_number()", "rank()", "dense_rank()", "ntile(3)", "percent_rank()", "cume_dist()", "lag({plain})",
    "lead({int}, 2, 0)", "lag({txt}) IGNORE NULLS",
)  # fmt: skip
WINDOWS = (
    "first_value({plain})", "last_value({plain})", "nth_value({int}, 2)", "sum({int})", "avg({dec})", "count(*)",
    "max({plain})", "array_agg(id)", "count_if({bool})", "max_by(s, id)",
)  # fmt: skip
FRAMES = (
    "", "", " ROWS BETWEEN 1 PRECEDING AND CURRENT ROW", " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
    " ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING", " RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
    " GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
)  # fmt: skip
GROUPINGS = (
    "ROLLUP (o, s)", "CUBE (o, s)", "GROUPING SETS ((o), (s), ())", "o, ROLLUP (s)", "GROUPING SETS ((o, s), (o))",
)  # fmt: skip
FORMS = (
    "SELECT id FROM items WHERE {bool} ORDER BY id",
    "SELECT {key} AS g, {AGG}, {AGG} FROM items WHERE {bool} GROUP BY 1", "SELECT {AGG}, {AGG}, {AGG} FROM items",
    "SELECT o, {AGG} AS v FROM items GROUP BY o HAVING {AGG} IS NOT NULL",
    "SELECT o, s, {AGG}, grouping(o, s) FROM items GROUP BY {GROUPING}",
    "SELECT id, {WINDOW} OVER ({OVER}{FRAME}), {RANK} OVER ({OVER}) FROM items ORDER BY id",
    "SELECT id, sum(i % 9) OVER (ORDER BY dt RANGE BETWEEN INTERVAL '{lit}' YEAR "
    "PRECEDING AND CURRENT ROW) FROM items WHERE dt IS NOT NULL AND {bool} ORDER BY id",
    "SELECT items.id, k, others.d, {plain_items} FROM items {JOIN} others ON {ON}",
    "SELECT id, k, others.s FROM items {JOIN} others ON items.i = others.i AND {ON}",
    "SELECT i, count(*), max(k), min(id) FROM items {JOIN} others USING (i) GROUP BY i",
    "SELECT s, x FROM (SELECT s, {plain_i} AS x FROM items) {SET} SELECT s, x FROM "
    "(SELECT s, {plain_i} AS x FROM items)",
    "SELECT {exact} AS x FROM items {SET} SELECT d FROM others",
    "SELECT id FROM items WHERE {int} IN (SELECT i FROM others WHERE k > {lit}) ORDER BY id",
    "SELECT id FROM items WHERE i NOT IN (SELECT i FROM others WHERE i IS NOT NULL) AND {bool} ORDER BY id",
    "SELECT id FROM items WHERE {NOT}EXISTS (SELECT 1 FROM others WHERE others.i = items.i AND k > 1) ORDER BY id",
    "SELECT id, (SELECT max(k) FROM others WHERE others.s = items.s), {any} FROM items ORDER BY id",
    "SELECT id FROM items WHERE {dec} > ALL (SELECT d FROM others WHERE d IS NOT NULL) ORDER BY id",
    "SELECT id, x, p FROM items CROSS JOIN UNNEST({ints}) WITH ORDINALITY AS e (x, p) WHERE {bool}",
    "SELECT id, x, y FROM items CROSS JOIN UNNEST({map}) AS e (x, y)",
    "SELECT id, x, y FROM items LEFT JOIN UNNEST({ints}, {texts}) AS e (x, y) ON true",
    "SELECT DISTINCT {plain}, {plain} FROM items",
    "WITH c AS (SELECT id AS k, {exact} AS x, {plain} AS y FROM items), e AS (SELECT "
    "k, x * 1.5 AS x, y FROM c) SELECT k, x + 1, y, x / 3 FROM e WHERE y IS NOT NULL ORDER BY k",
    "SELECT g, sum(v), count(*) FROM (SELECT {key} AS g, {exact} AS v FROM items) GROUP BY g ORDER BY g",
    "SELECT id, {plain} AS z FROM items ORDER BY z DESC, id LIMIT 5",
    "SELECT id, {plain} AS z FROM items ORDER BY z NULLS FIRST, id OFFSET 2 ROWS LIMIT 4",
    "SELECT x, y FROM (VALUES ({lit}, 'a'), (2, 'b'), (NULL, NULL)) AS v (x, y) ORDER BY x, y",
    "SELECT * FROM (SELECT id, row_number() OVER (PARTITION BY o ORDER BY {key}, id) "
    "AS n FROM items) WHERE n <= 2 ORDER BY id",
)  # fmt: skip
