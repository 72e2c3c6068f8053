"""Athena's functions of numbers, each with DuckDB's text."""

NAN, INFINITE = "CAST('nan' AS DOUBLE)", "CAST('Infinity' AS DOUBLE)"
FINITE = f"CASE WHEN isinf(_0) THEN {NAN} ELSE {{0}} END"
POSITIVE = f"CASE WHEN _0 > 0 OR isnan(_0) THEN {{0}} WHEN _0 = 0 THEN -{INFINITE} WHEN _0 < 0 THEN {NAN} END"
WITHIN_ONE = f"CASE WHEN abs(_0) <= 1 THEN {{0}} WHEN _0 IS NOT NULL THEN {NAN} END"
BUCKET = "CAST(floor(_3 * ({0}) / ({1})) + 1 AS BIGINT)"
NUMBERS = {
    "e(): double": "CAST(2.718281828459045 AS DOUBLE)",
    "pi(): double": "pi()",
    "nan(): double": NAN,
    "infinity(): double": INFINITE,
    "cbrt(double): double": "CASE WHEN isfinite(_0) THEN athena_cbrt(_0) ELSE _0 END",
    "degrees(double): double": "degrees(_0)",
    "radians(double): double": "radians(_0)",
    "sin(double): double": FINITE.format("sin(_0)"),
    "cos(double): double": FINITE.format("cos(_0)"),
    "tan(double): double": FINITE.format("tan(_0)"),
    "asin(double): double": WITHIN_ONE.format("asin(_0)"),
    "acos(double): double": WITHIN_ONE.format("acos(_0)"),
    "atan(double): double": "atan(_0)",
    "atan2(double, double): double": "atan2(_0, _1)",
    "sinh(double): double": "sinh(_0)",
    "cosh(double): double": "cosh(_0)",
    "tanh(double): double": "tanh(_0)",
    "log2(double): double": POSITIVE.format("log2(_0)"),
    "log10(double): double": POSITIVE.format("log10(_0)"),
    "log(double, double): double": f"({POSITIVE.format('ln(_1)').replace('_0', '_1')}) / ({POSITIVE.format('ln(_0)')})",
    "truncate(double!): double": "trunc(_0)",
    "truncate(D, bigint): D": "athena_truncate(CAST(_0 AS VARCHAR), _1)",
    "is_finite(double): boolean": "isfinite(_0)",
    "is_infinite(double): boolean": "isinf(_0)",
    "random(): double": "random()",
    "rand(): double": "random()",
    "random(integer): integer": "CASE WHEN _0 <= 0 THEN error('bound must be positive') "
    "ELSE CAST(floor(random() * _0) AS INTEGER) END",
    "random(bigint): bigint": "CASE WHEN _0 <= 0 THEN error('bound must be positive') "
    "ELSE CAST(floor(random() * _0) AS BIGINT) END",
    "random(integer, integer): integer": "CASE WHEN _0 >= _1 THEN error('start value must be less than stop value') "
    "ELSE CAST(_0 + floor(random() * (_1 - _0)) AS INTEGER) END",
    "width_bucket(double, double, double, bigint): bigint": "CASE WHEN _3 <= 0 "
    "THEN error('bucketCount must be greater than 0') WHEN isnan(_0) THEN error('operand must not be NaN') "
    "WHEN NOT isfinite(_1) OR NOT isfinite(_2) OR _1 = _2 THEN error('bounds must be finite and differ') "
    f"WHEN _1 < _2 THEN CASE WHEN _0 < _1 THEN 0 WHEN _0 >= _2 THEN _3 + 1 ELSE {BUCKET.format('_0 - _1', '_2 - _1')} "
    f"END WHEN _0 > _1 THEN 0 WHEN _0 <= _2 THEN _3 + 1 ELSE {BUCKET.format('_1 - _0', '_1 - _2')} END",
    "width_bucket(double, array(double)): bigint": "CASE WHEN len(_1) = 0 OR isnan(_0) "
    "THEN error('width_bucket: bins must not be empty, nor the operand NaN') "
    "WHEN len(list_filter(_1, lambda b: NOT isfinite(b))) > 0 THEN error('Bin values must be finite') "
    "WHEN list_sort(_1) <> _1 OR list_count(_1) < len(_1) THEN error('Bin values are not sorted in ascending order') "
    "ELSE len(list_filter(_1, lambda b: b <= _0)) END",
    "bitwise_and(bigint, bigint): bigint": "_0 & _1",
    "bitwise_or(bigint, bigint): bigint": "_0 | _1",
    "bitwise_xor(bigint, bigint): bigint": "xor(_0, _1)",
    "bitwise_not(bigint): bigint": "-1 - _0",
    "bit_count(bigint, bigint): bigint": "athena_bit_count(_0, _1)",
    "bitwise_left_shift(integer!, bigint): integer": "CAST(athena_shift(_0, _1, 'left 32') AS INTEGER)",
    "bitwise_right_shift(integer!, bigint): integer": "CAST(athena_shift(_0, _1, 'right 32') AS INTEGER)",
    "bitwise_right_shift_arithmetic(integer!, bigint): integer": "CAST("
    "athena_shift(_0, _1, 'arithmetic 32') AS INTEGER)",
    "bitwise_left_shift(bigint!, bigint): bigint": "athena_shift(_0, _1, 'left')",
    "bitwise_right_shift(bigint!, bigint): bigint": "athena_shift(_0, _1, 'right')",
    "bitwise_right_shift_arithmetic(bigint!, bigint): bigint": "athena_shift(_0, _1, 'arithmetic')",
    "to_base(bigint, bigint): varchar": "athena_to_base(_0, _1)",
    "from_base(varchar, bigint): bigint": "athena_from_base(_0, _1)",
}
