"""Athena's SQL to DuckDB's: what differs is mended so that the answer is Athena's, or refused with what to do instead.

sqlglot carries the syntax. What it leaves to answer differently is mended on the tree, after names and types are
resolved with the catalog's columns; functions that were not seen to agree are refused (see athena_functions).
"""

import re
from collections.abc import Callable, Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError, UnsupportedError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from catalog.tables import DATABASE
from lakebox.athena_functions import (
    AGREEING,
    REFUSED,
    STATEMENTS,
    WRITTEN_OTHERWISE,
    check_arguments,
    check_tokens,
    filled,
    function_key,
    rewritten,
)
from lakebox.athena_mends import mended
from lakebox.engines import SqlError

CATALOGS = ("", "awsdatacatalog", "lakehouse")
INTEGER, TEXT = exp.DataType.INTEGER_TYPES, exp.DataType.TEXT_TYPES
DAY_UNITS = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
OF_TEXT = (exp.Lower, exp.Upper, exp.Length, exp.Trim, exp.Replace, exp.Reverse, exp.Split, exp.SplitPart, exp.Pad,
           exp.StartsWith, exp.StrPosition, exp.Substring, exp.RegexpExtract, exp.RegexpLike, exp.RegexpReplace,
           exp.Like)  # fmt: skip
DAY = r"\d{4,}-\d{1,2}-\d{1,2}"
TEXT_FORMS = {  # the texts that Athena casts; DuckDB takes more
    "DATE": rf"\s*{DAY}\s*",
    "TIMESTAMP": rf"\s*{DAY}( \d{{1,2}}:\d{{1,2}}(:\d{{1,2}}(\.\d{{1,6}})?)?)?\s*",
    "BOOLEAN": r"(?i)(t|true|1|f|false|0)",
    "DOUBLE": r"\s*[+-]?(Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)\s*",
    "DECIMAL": r"[+-]?(\d+\.?\d*|\.\d+)",
}
EXACT_TYPES = (
    (exp.DateDiff, "BIGINT"),
    (exp.TimeToUnix, "DOUBLE"),
    ((exp.UnixToTime, exp.CurrentTimestamp, exp.FromISO8601Timestamp), "TIMESTAMPTZ"),
)
MIXING = (exp.Add, exp.Sub, exp.Mul, exp.Coalesce, exp.If, exp.Case, exp.Greatest, exp.Least)
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


def tables_of(sql: str) -> set[str]:
    """Names of the tables that a query reads, in lower case; raises SqlError on what is not one query."""
    tree = _parsed(sql)
    ctes = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    names = set()
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            raise SqlError(f"{table.sql(dialect='athena')} is no table; FROM takes a table of the catalog")
        if table.catalog.lower() not in CATALOGS or table.db.lower() not in ("", DATABASE):
            raise SqlError(f"no database {table.db or table.catalog}; the tables are in {DATABASE}")
        if table.db or table.name.lower() not in ctes:
            names.add(table.name.lower())
    return names


def to_duckdb(sql: str, schema: Mapping[str, Mapping[str, str]]) -> str:
    """One query in Athena's SQL as DuckDB text with the same answer; raises SqlError.

    schema: for each table its columns, with DuckDB's types
    """
    tree = _parsed(sql)
    _refuse(tree)
    for table in tree.find_all(exp.Table):
        table.set("catalog", None)
        table.set("db", None)
    try:
        columns: dict[str, object] = {name: dict(types) for name, types in schema.items()}
        qualified = qualify(rewritten(tree), schema=columns, dialect="athena")
        typed = annotate_types(with_types(annotate_types(qualified, schema=columns)), schema=columns)
    except SqlglotError as error:
        raise SqlError(_unknown_column(str(error), schema)) from error
    _check_comparisons(typed)
    check_types(typed)
    if isinstance(typed, exp.Query):
        _name_unnamed(typed)
    try:
        return mended(as_athena(typed)).sql(dialect="duckdb", unsupported_level=ErrorLevel.RAISE)
    except UnsupportedError as error:
        raise SqlError(f"not done here: {str(error).splitlines()[0]}; run this query on Athena") from error


def _parsed(sql: str) -> exp.Query:
    try:
        tokens = sqlglot.tokenize(sql, read="trino")  # Athena's own puts a mark before statements of Hive
        first = tokens[0].text.upper() if tokens else ""
        if first in STATEMENTS:
            raise SqlError(f"{first} is not done here: {STATEMENTS[first]}")
        if first not in ("SELECT", "WITH", "TABLE", "(", ";", ""):
            at = f"wrong SQL at line {tokens[0].line}: {first}"
            raise SqlError(f"{at}; only queries are answered here: SELECT, WITH, SHOW, DESCRIBE")
        check_tokens(tokens)
        parsed = sqlglot.parse(sql, read="athena")
        trees = [tree for tree in parsed if tree is not None and not isinstance(tree, exp.Semicolon)]
    except SqlglotError as error:
        raise SqlError(_syntax_error(error)) from error
    if len(trees) != 1:
        raise SqlError("there is no statement" if not trees else "more than one statement; send them one by one")
    tree = trees[0]
    if not isinstance(tree, exp.Query) or (isinstance(tree, exp.Select) and not tree.selects):
        raise SqlError(f"only queries are answered here: SELECT, WITH, SHOW, DESCRIBE; not {first or 'this'}")
    return tree


def _syntax_error(error: SqlglotError) -> str:
    details = getattr(error, "errors", None)
    if details:
        at = details[0]
        return f"wrong SQL at line {at['line']}, column {at['col']}: {at['description'].rstrip('.')}"
    return f"wrong SQL: {str(error).splitlines()[0]}"


def _refuse(tree: exp.Expr) -> None:
    """Raise SqlError on what Athena has not, or DuckDB answers differently."""
    for node in tree.walk():
        for kind, instead in REFUSED.items():
            if isinstance(node, kind):
                raise SqlError(instead)
        _refuse_syntax(node)
        check_arguments(node)
        if function_key(node) in WRITTEN_OTHERWISE:
            continue
        if isinstance(node, exp.Anonymous):
            raise SqlError(f"the function {node.name}() is not done here; run this query on Athena")
        if isinstance(node, exp.Func) and not isinstance(node, AGREEING):
            raise SqlError(f"the function {node.sql_name().lower()}() is not done here; run this query on Athena")


def _refuse_syntax(node: exp.Expr) -> None:
    if isinstance(node, exp.Star) and any(node.args.get(name) for name in ("except_", "except", "replace", "rename")):
        raise SqlError("SELECT * EXCEPT is not Athena's; name the columns")
    if isinstance(node, exp.Distinct) and node.args.get("on"):
        raise SqlError("DISTINCT ON is not Athena's; filter a subquery on row_number()")
    if isinstance(node, exp.Group) and node.args.get("all"):
        raise SqlError("GROUP BY ALL is not Athena's; name the columns")
    if isinstance(node, exp.Join) and (node.kind in ("SEMI", "ANTI") or node.method in ("ASOF", "POSITIONAL")):
        raise SqlError(f"{node.kind or node.method} JOIN is not Athena's; use IN, EXISTS or JOIN … ON")
    options = node.args.get("limit_options") if isinstance(node, exp.Limit | exp.Fetch) else None
    if options and (options.args.get("percent") or options.args.get("with_ties")):
        raise SqlError("LIMIT takes a number of rows here")
    if isinstance(node, exp.Interval) and not isinstance(node.parent, exp.Add | exp.Sub):
        raise SqlError("an INTERVAL is for time + INTERVAL '1' DAY only, here")


def _unknown_column(message: str, schema: Mapping[str, Mapping[str, str]]) -> str:
    first = message.splitlines()[0].rstrip(".")
    columns = sorted({column for types in schema.values() for column in types})
    return f"{first}; columns: {', '.join(columns)}"


def with_types(tree: exp.Expr) -> exp.Expr:
    """The tree with casts where sqlglot is wrong about a type or doesn't know it, so that division can rely on it."""
    for node in reversed(list(tree.walk())):
        kind = None if isinstance(node.parent, exp.Window) else _exact_type(node)
        if kind is not None:
            cast = exp.cast(exp.paren(node.copy()), kind)
            cast.type = kind
            node.replace(cast)
    return tree


def _exact_type(node: exp.Expr) -> exp.DataType | None:
    """The type that Athena gives a node, where sqlglot gives another or none."""
    for kinds, name in EXACT_TYPES:
        if isinstance(node, kinds):
            return exp.DataType.build(name)
    if isinstance(node, exp.Round | exp.Ceil | exp.Floor):
        return node.this.type if node.this.is_type(*INTEGER) else None
    if isinstance(node, exp.ArgMax | exp.ArgMin):
        return None if node.args.get("count") or _kind(node.this) == "unknown" else node.this.type
    return _mixed_type(node) if isinstance(node, MIXING) else None


def _mixed_type(node: exp.Expr) -> exp.DataType | None:
    """Double where a double takes part, else decimal where a decimal does."""
    if isinstance(node, exp.If) and isinstance(node.parent, exp.Case):
        return None  # a branch, no value of its own
    conditions = (exp.If, exp.Case)
    sides = [side for side in node.iter_expressions() if not (isinstance(node, conditions) and side is node.this)]
    sides = [side.args["true"] if isinstance(side, exp.If) and isinstance(node, exp.Case) else side for side in sides]
    if any(side.is_type("double", "float") for side in sides):
        return exp.DataType.build("DOUBLE")
    scales = [scale for scale in map(_scale, sides) if scale is not None]
    if len(scales) < len(sides) and not all(_kind(side) == "unknown" or _scale(side) is not None for side in sides):
        return None
    if not any(side.is_type("decimal") for side in sides):
        return None
    for side in sides:
        if _kind(side) == "unknown" and not isinstance(side, exp.Null):
            raise SqlError(f"cannot tell the type of {_plain(side)} beside a decimal; cast it to double or to bigint")
    return exp.DataType.build(f"DECIMAL(38, {sum(scales) if isinstance(node, exp.Mul) else max(scales)})")


def _scale(side: exp.Expr) -> int | None:
    """Digits after the point of an integer or a decimal; None for all else."""
    if side.type is not None and side.is_type("decimal") and len(side.type.expressions) == 2:
        return int(side.type.expressions[1].name)
    return 0 if side.is_type(*INTEGER) else None


def check_types(tree: exp.Expr) -> None:
    """Raise SqlError where Athena has no conversion of types, and DuckDB would convert in silence."""
    for node in tree.walk():
        for kind, side in _expected(node):
            _expect(kind, side)
        if isinstance(node, exp.Avg) and node.this.is_type("decimal"):
            raise SqlError(f"avg of a decimal is not done here; write avg(CAST({_plain(node.this)} AS double))")
        if isinstance(node, exp.SetOperation):
            _check_numbers(node)
        _check_time_arithmetic(node)


def _check_numbers(node: exp.SetOperation) -> None:
    """What becomes of mixed numbers decides how they divide, and sqlglot does not say."""
    for left, right in zip(node.this.selects, node.expression.selects, strict=False):
        kinds = {
            side.is_type(*INTEGER) or ("decimal" if side.is_type("decimal") else "double") for side in (left, right)
        }
        if _kind(left) == _kind(right) == "number" and len(kinds) > 1:
            raise SqlError(f"{_plain(left)} and {_plain(right)} are different types of number; cast both to one")


def _expected(node: exp.Expr) -> list[tuple[str, exp.Expr]]:
    """The operands of a node, each with the kind that it must be of."""
    if isinstance(node, OF_TEXT):
        return [("text", node.this)]
    if isinstance(node, exp.Concat | exp.DPipe):
        return [("text", side) for side in node.expressions or (node.this, node.expression)]
    if isinstance(node, exp.And | exp.Or):
        return [("boolean", node.this), ("boolean", node.expression)]
    if isinstance(node, exp.Not | exp.Where | exp.Having | exp.If | exp.CountIf):
        return [("boolean", node.this)] if not isinstance(node.parent, exp.Case) or not node.parent.this else []
    if isinstance(node, exp.Sum | exp.Avg):
        return [("number", node.this)]
    if isinstance(node, exp.SetOperation):
        pairs = zip(node.this.selects, node.expression.selects, strict=False)
        return [(_kind(left), right) for left, right in pairs]
    return []


def _expect(kind: str, side: exp.Expr) -> None:
    if "unknown" not in (kind, _kind(side)) and _kind(side) != kind:
        kinds = {kind, _kind(side)}
        if kinds != {"date", "timestamp"}:
            raise SqlError(f"TYPE_MISMATCH: {_plain(side)} is a {_kind(side)}, not a {kind}; cast it")


def _check_time_arithmetic(node: exp.Expr) -> None:
    left, right = _kind(node.this) if isinstance(node.this, exp.Expr) else "", node.args.get("expression")
    if isinstance(node, exp.Add | exp.Sub) and left in ("date", "timestamp"):
        if isinstance(right, exp.Interval):
            _check_day_unit(node, left, right)
        elif right is not None and _kind(right) == "number":
            raise SqlError(f"TYPE_MISMATCH: {_plain(node.this)} is a {left}; add an INTERVAL '1' DAY, not a number")
        elif isinstance(node, exp.Sub):
            raise SqlError("the difference of two times is not done here; write date_diff('second', a, b)")
    if isinstance(node, exp.DateAdd) and right is not None and not right.is_type(*INTEGER):
        raise SqlError(f"date_add takes a whole number of units; {_plain(right)} may be none, cast it to bigint")
    if isinstance(node, exp.DateAdd | exp.TimestampTrunc | exp.DateTrunc):
        _check_day_unit(node, left, node)


def _check_day_unit(node: exp.Expr, kind: str, unit: exp.Expr) -> None:
    name = str(getattr(unit.args.get("unit"), "name", "")).upper()
    if kind == "date" and name not in DAY_UNITS:
        raise SqlError(f"'{name.lower()}' is no unit of a date; CAST({_plain(node.this)} AS timestamp) first")


def as_athena(tree: exp.Expr) -> exp.Expr:
    """The typed tree with what DuckDB answers otherwise replaced; what replaces a node has its type."""
    for node in reversed(list(tree.walk())):
        mend = TYPED_MENDS.get(type(node))
        replacement = mend(node) if mend else None
        if replacement is not None:
            replacement.type = node.type
            node.replace(replacement)
    return tree


def _division(node: exp.Expr) -> exp.Expr:
    """Integers divide to an integer, cut toward zero; decimals keep the greater scale, rounded half up."""
    left, right = node.this, node.expression
    if left.is_type(*INTEGER) and right.is_type(*INTEGER):
        return exp.IntDiv(this=left.copy(), expression=right.copy())
    scales = (_scale(left), _scale(right))
    if scales[0] is not None and scales[1] is not None:
        scale = max(scales[0], scales[1])
        whole = f"(CAST(_0 AS DECIMAL(38, {scale})) * CAST(1{'0' * scale} AS BIGINT))"
        quotient = f"ROUND(CAST(_0 AS DOUBLE) / CAST(_1 AS DOUBLE), {scale})"
        text = (
            f"CASE WHEN _1 = 0 THEN error('Division by zero') WHEN abs({whole}) >= 1000000000000000 "
            f"THEN error('decimals of 15 digits and more are not divided here; cast to double') "
            f"ELSE CAST({quotient} AS DECIMAL(38, {scale})) END"
        )
        kind = exp.DataType.build(f"DECIMAL(38, {scale})")
        return _typed_division(filled(text, [left, right]), kind)
    if left.is_type("double", "float") or right.is_type("double", "float"):
        return exp.Div(this=_as(left, "DOUBLE"), expression=_as(right, "DOUBLE"), typed=True)
    raise SqlError(f"cannot tell the types in {node.sql(dialect='athena')}; cast one side to double or to bigint")


def _typed_division(tree: exp.Expr, kind: exp.DataType) -> exp.Expr:
    for cast in tree.find_all(exp.Cast):
        cast.type = cast.args["to"]
    return exp.cast(tree, kind)


def _as(value: exp.Expr, kind: str) -> exp.Expr:
    cast = exp.Cast(this=value.copy(), to=exp.DataType.build(kind))
    cast.type = cast.args["to"]
    return cast


def _cast(node: exp.Expr) -> exp.Expr | None:
    """A cast takes the texts that Athena takes, and prints and rounds as Athena does."""
    value, to = node.this, node.args["to"]
    name, safe = to.this.name, isinstance(node, exp.TryCast)
    if to.is_type("json") or (to.is_type(*TEXT) and (value.is_type("json") or isinstance(value, exp.JSONExtract))):
        raise SqlError("casts between json and text are not done here; use json_extract_scalar or json_extract")
    if value.is_type(*TEXT) and name in TEXT_FORMS:
        return _checked(node, value, TEXT_FORMS[name], safe)
    if value.is_type("double", "float") and to.is_type(*INTEGER):
        return type(node)(this=exp.func("ROUND", value.copy()), to=to.copy())
    if to.is_type(*TEXT):
        return _printed(value, to)
    return None


def _printed(value: exp.Expr, to: exp.DataType) -> exp.Expr | None:
    text = None
    if to.expressions and not value.is_type(*TEXT):
        raise SqlError(f"CAST to {to.sql(dialect='athena')} is for text only here; cast to varchar")
    if value.is_type("float"):
        raise SqlError("a real is printed otherwise here; cast it to double first")
    if value.is_type("double"):
        text = filled("double_text(_0)", [value])
    elif value.is_type("timestamptz"):
        text = filled("strftime(_0, '%Y-%m-%d %H:%M:%S.%g UTC')", [value])
    elif value.is_type(*exp.DataType.TEMPORAL_TYPES) and not value.is_type("date"):
        text = filled("strftime(_0, '%Y-%m-%d %H:%M:%S.%g')", [value])
    if not to.expressions:
        return text
    whole = text or exp.cast(value.copy(), "VARCHAR")
    return exp.Anonymous(this="LEFT", expressions=[whole, to.expressions[0].this.copy()])


def _checked(node: exp.Expr, value: exp.Expr, form: str, safe: bool) -> exp.Expr | None:
    if isinstance(value, exp.Literal):
        if re.fullmatch(form, value.name):
            return None  # as it is, so that it can prune row groups
        if not safe:
            raise SqlError(f"INVALID_CAST_ARGUMENT: {value.sql()} is no {node.args['to'].this.name.lower()}")
        return exp.null()
    bad = "NULL" if safe else f"error('INVALID_CAST_ARGUMENT: a text is no {node.args['to'].this.name.lower()}')"
    pattern = exp.Literal.string(form).sql(dialect="duckdb")
    text = f"CASE WHEN _0 IS NULL THEN NULL WHEN regexp_full_match(_0, {pattern}) THEN _1 ELSE {bad} END"
    return filled(text, [value, node])


def _date(node: exp.Expr) -> exp.Expr:
    cast = exp.cast(node.this.copy(), "DATE")
    return _cast(cast) or cast


def _json(node: exp.Expr) -> exp.Expr | None:
    """Text that is no JSON has no members: null."""
    if not node.this.is_type(*TEXT):
        return None
    copy = node.copy()
    copy.set("this", filled("CASE WHEN json_valid(_0) THEN _0 END", [node.this]))
    return copy


def _substring(node: exp.Expr) -> exp.Expr | None:
    """A start before the text gives the empty text."""
    start = node.args.get("start")
    if start is None or (isinstance(start, exp.Literal) and start.name != "0"):
        return None
    return filled("CASE WHEN _1 < -length(_0) THEN '' ELSE _2 END", [node.this, start, node])


def _replaced(node: exp.Expr) -> exp.Expr | None:
    """Java's $1 is DuckDB's \\1."""
    replacement = node.args.get("replacement")
    if replacement is None or "$" not in replacement.name or not re.fullmatch(r"([^$\\]|\$\d)*", replacement.name):
        return None
    groups = exp.Literal.string(re.sub(r"\$(\d)", r"\\\1", replacement.name))
    return exp.Anonymous(
        this="regexp_replace", expressions=[node.this.copy(), node.expression.copy(), groups, exp.Literal.string("g")]
    )


def _element(node: exp.Expr) -> exp.Expr | None:
    """element_at counts from 1."""
    if not node.args.get("safe"):
        return None
    bad = "error('element_at: array indices start at 1')"
    return filled(f"CASE WHEN _0 = 0 THEN {bad} ELSE _1 END", [node.expressions[0], node])


def _parsed_time(node: exp.Expr) -> exp.Expr | None:
    """date_parse keeps milliseconds."""
    return filled("date_trunc('millisecond', _0)", [node]) if "%f" in node.args["format"].name else None


TYPED_MENDS: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr | None]] = {
    exp.Div: _division,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Date: _date,
    exp.JSONExtract: _json,
    exp.JSONExtractScalar: _json,
    exp.Substring: _substring,
    exp.RegexpReplace: _replaced,
    exp.Bracket: _element,
    exp.StrToTime: _parsed_time,
}


def _check_comparisons(tree: exp.Expr) -> None:
    """Athena compares text with text only; DuckDB would convert in silence."""
    for node in tree.find_all(*COMPARISONS, exp.Between, exp.In):
        sides = [node.this, *node.expressions, *(node.args.get(name) for name in ("expression", "low", "high"))]
        kinds = [(side, _kind(side)) for side in sides if side is not None]
        if "boolean" in [kind for _, kind in kinds]:
            for side, _ in kinds:
                _expect("boolean", side)
        texts = [side for side, kind in kinds if kind == "text"]
        others = [(side, kind) for side, kind in kinds if kind not in ("text", "unknown")]
        if texts and others:
            text, (other, kind) = texts[0].sql(dialect="athena"), others[0]
            hint = f"write {kind.upper()} {text}" if kind in ("date", "timestamp") else f"write CAST({text} AS …)"
            raise SqlError(f"TYPE_MISMATCH: {_plain(other)} is a {kind} and {_plain(texts[0])} is text; {hint}")


def _kind(side: exp.Expr) -> str:
    if side.is_type(*exp.DataType.TEXT_TYPES):
        return "text"
    if side.is_type(*exp.DataType.NUMERIC_TYPES):
        return "number"
    if side.is_type("boolean"):
        return "boolean"
    if side.is_type("date"):
        return "date"
    return "timestamp" if side.is_type(*exp.DataType.TEMPORAL_TYPES) else "unknown"


def _plain(side: exp.Expr) -> str:
    return side.name if isinstance(side, exp.Column) else side.sql(dialect="athena")


def _name_unnamed(tree: exp.Query) -> None:
    """Columns without a name are _col0, _col1, … by their place."""
    names = {}
    for number, column in enumerate(tree.selects):
        if isinstance(column, exp.Alias) and column.alias.startswith("_col_"):
            names[column.alias] = exp.to_identifier(f"_col{number}", quoted=True)
            column.set("alias", names[column.alias])
    for column in tree.args["order"].find_all(exp.Column) if tree.args.get("order") else ():
        if column.name in names and not column.table:
            column.set("this", names[column.name].copy())
