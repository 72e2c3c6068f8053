"""Times as Athena has them, which know their offset from UTC.

DuckDB keeps the instant only, and Athena's `hour(from_iso8601_timestamp('2025-06-18T23:30:00-05:00'))` is 23. Where
such a time is cast, or one of its fields is asked for, the local time is computed from the text; where it is compared,
the instant will do. Elsewhere the offset would be lost, so an offset other than zero is an error there.
"""

import re

from sqlglot import exp

from lakebox.athena.dialect.forms.zoned_columns import INSTANT, STEPS, name_by_place
from lakebox.athena.dialect.forms.zones import WITH_ZONE
from lakebox.athena.dialect.templates import filled
from lakebox.athena.dialect.types import TEXT, cast_to
from lakebox.athena.engine import SqlError

OFFSET = r"(Z|[+-]\d\d(:?\d\d)?)"
TIME_OF_DAY = r"T\d\d(:\d\d(:\d\d([.]\d+)?)?)?"
ISO_FORM = rf"\d{{4}}(-\d\d(-\d\d({TIME_OF_DAY}{OFFSET}?)?)?)?"
FIELDS = (exp.Day, exp.DayOfMonth, exp.DayOfWeekIso, exp.DayOfYear, exp.Extract, exp.Hour, exp.Minute, exp.Month,
          exp.Quarter, exp.TimeToStr, exp.WeekOfYear, exp.Year, exp.Date, exp.LastDay, exp.Second)  # fmt: skip
ZONED = "zoned"  # the field of a struct that stands for a time in a zone in a result
CLOCK_UNITS = ("HOUR", "MINUTE", "SECOND")
OF_ZONE = ("timezone_hour", "timezone_minute", "to_iso8601")
INSTANTS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.TimeToUnix, exp.DateDiff, exp.Ordered,
            exp.AtTimeZone)  # fmt: skip


def with_local_times(tree: exp.Expr) -> exp.Expr:
    """The typed tree with each time that may have an offset replaced by what its place needs; raises SqlError."""
    shown: set[int] = set()
    if isinstance(tree, exp.Select):
        name_by_place(tree)
        shown = {id(column.unalias().unnest()) for column in tree.selects}
    for node in reversed(list(tree.walk())):
        if isinstance(node, exp.UnixToTime) and node.args.get("hours") is None:
            _replace(node, _instant(node))
        elif isinstance(node, exp.FromISO8601Timestamp | exp.UnixToTime | exp.AtTimeZone):
            _place(node, shown)
    return tree


def _place(node: exp.Expr, shown: set[int]) -> None:
    top, steps = node, []
    while isinstance(top.parent, STEPS) and top.arg_key == "this":
        top = top.parent
        steps.append(top)
    user = top.parent
    if isinstance(node, exp.AtTimeZone) and user is not None and INSTANT in user.meta:
        _replace(user, _at(node, top))
        return
    if isinstance(node, exp.AtTimeZone) and id(top) in shown:  # a column of the result
        text = f"struct_pack({ZONED}_at := _0, {ZONED} := _1)"  # it is sorted by the instant
        _replace(top, filled(text, [_at(node, top), _printed(node, top, digits=3)]))
        return
    if isinstance(user, exp.Anonymous) and user.name.lower() in OF_ZONE and isinstance(node, exp.AtTimeZone):
        _replace(user, _of_zone(user.name.lower(), _local_of(node, top), _instant(node)))
        return
    is_cast = isinstance(user, exp.Cast | exp.TryCast)
    if is_cast and user is not None and user.is_type(*TEXT):
        _replace(top, _printed(node, top))
    elif (is_cast and not (user and user.is_type("timestamptz"))) or isinstance(user, FIELDS):
        for step in steps:
            step.type = exp.DataType.build("TIMESTAMP")
        _replace(node, _local(node))
    elif isinstance(user, INSTANTS) and not any(isinstance(step, exp.TimestampTrunc | exp.DateTrunc) for step in steps):
        _replace(node, _instant(node))
    else:
        _replace(node, _without_offset(node))


def _at(node: exp.AtTimeZone, top: exp.Expr) -> exp.Expr:
    """The instant of a time in a zone, or of what is computed of it."""
    instant, unit = _instant(node), str(getattr(top.args.get("unit"), "name", "")).upper()
    local = _local_of(node, top)
    if isinstance(top, exp.TimestampTrunc | exp.DateTrunc) and top.this is node and unit in CLOCK_UNITS:
        at = filled("_0 - (_1 - _2)", [instant, _local(node), local])  # 01:00 comes twice where clocks are set back
    else:
        at = instant if top is node else filled("timezone(_1, _0)", [local, exp.Literal.string(_zone(node))])
    at.type = exp.DataType.build("TIMESTAMPTZ")
    return at


def _replace(node: exp.Expr, value: exp.Expr) -> None:
    value.type = value.type or node.type
    node.replace(value)


def _instant(node: exp.Expr) -> exp.Expr:
    """Milliseconds, as Athena has them."""
    if isinstance(node, exp.AtTimeZone):
        if node.meta.get(WITH_ZONE):
            zone = exp.Literal.string(_zone(node))
            value = filled("timezone(_1, _0)", [cast_to(node.this, "TIMESTAMP"), zone])
            value.type = exp.DataType.build("TIMESTAMPTZ")
            return value
        return cast_to(node.this, "TIMESTAMPTZ")
    if isinstance(node, exp.UnixToTime):
        return filled("make_timestamptz(1000 * CAST(floor(_0 * 1000 + 0.5) AS BIGINT))", [cast_to(node.this, "DOUBLE")])
    text = "CASE WHEN _0 IS NULL THEN NULL WHEN NOT regexp_full_match(_0, _1) THEN error(_2) ELSE {cast} END"
    day = "_0 || right('-01-01', 10 - length(_0))"
    whole = f"CASE WHEN length(_0) < 10 THEN {day} WHEN regexp_matches(_0, _3) THEN {{hour}} ELSE _0 END"
    hour = r"regexp_replace(_0, 'T(\d\d)(Z|[+-].*)?$', 'T\1:00\2')"
    cast = f"date_trunc('millisecond', CAST({whole.format(hour=hour)} AS TIMESTAMPTZ))"
    bad = "from_iso8601_timestamp: the text is not supported by the embedded engine; write 2026-01-31T10:00:00Z"
    arguments = [node.this.copy(), *map(exp.Literal.string, (ISO_FORM, bad, r"T\d\d(Z|[+-].*)?$"))]
    return filled(text.format(cast=cast), arguments)


def _offset_minutes(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.UnixToTime):
        return filled("_0 * 60 + _1", [node.args["hours"], node.args["minutes"]])
    sign = r"regexp_extract(_0, 'T.*([+-])\d\d(:?\d\d)?$', 1) || regexp_extract(_0, 'T.*[+-](\d\d)(:?\d\d)?$', 1)"
    hours = f"coalesce(TRY_CAST({sign} AS BIGINT), 0)"
    minutes = (
        r"coalesce(TRY_CAST(regexp_extract(_0, 'T.*([+-])\d\d:?\d\d$', 1) "
        r"|| regexp_extract(_0, 'T.*[+-]\d\d:?(\d\d)$', 1) AS BIGINT), 0)"
    )
    return filled(f"60 * {hours} + {minutes}", [node.this.copy()])


def _local(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.AtTimeZone):
        zone = _zone(node)
        if zone[0] in "+-":  # DuckDB gives these the other sign
            minutes = int(f"{zone[0]}1") * (60 * int(zone[1:3]) + int(zone[4:]))
            local = filled("CAST(_0 AS TIMESTAMP) + to_minutes(_1)", [_instant(node), exp.Literal.number(minutes)])
        else:
            local = filled("timezone(_1, _0)", [_instant(node), exp.Literal.string(zone)])
        local.type = exp.DataType.build("TIMESTAMP")
        return local
    local = filled("CAST(_0 AS TIMESTAMP) + to_minutes(_1)", [_instant(node), _offset_minutes(node)])
    local.type = exp.DataType.build("TIMESTAMP")
    return local


def _zone(node: exp.Expr) -> str:
    """The zone: a region, or an offset such as +05:30."""
    name = node.args["zone"].name if node.args["zone"].is_string else ""
    if not re.fullmatch(r"UTC|[+-]\d\d:\d\d|[A-Z][A-Za-z]+(/[A-Z][A-Za-z_]+)+", name):
        raise SqlError("AT TIME ZONE takes a literal region here, such as 'America/New_York', or 'UTC'")
    return str(name)


def _of_zone(name: str, local: exp.Expr, instant: exp.Expr) -> exp.Expr:
    """timezone_hour, timezone_minute and to_iso8601 of a time in a zone."""
    minutes = "CAST(round((epoch(_0) - epoch(_1)) / 60) AS BIGINT)"
    offset = (
        f"CASE WHEN {minutes} = 0 THEN 'Z' ELSE printf('%s%02d:%02d', CASE WHEN {minutes} < 0 THEN '-' ELSE '+' END, "
    )
    texts = {
        "timezone_hour": f"{minutes} // 60",
        "timezone_minute": f"{minutes} % 60",
        "to_iso8601": f"strftime(_0, '%Y-%m-%dT%H:%M:%S.%g') || {offset}abs({minutes}) // 60, abs({minutes}) % 60) END",
    }
    value = filled(texts[name], [local, instant])
    value.type = exp.DataType.build("VARCHAR" if name == "to_iso8601" else "BIGINT")
    return value


def _without_offset(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.AtTimeZone):
        if _zone(node) != "UTC":
            raise SqlError(
                "a time in a zone is not supported by the embedded engine here; "
                "write CAST(x AT TIME ZONE … AS timestamp), or AS varchar to see the zone"
            )
        return _instant(node)
    bad = "a time with an offset is not supported by the embedded engine here; write CAST(… AS timestamp)"
    return filled(f"CASE WHEN _1 <> 0 THEN error('{bad}') ELSE _0 END", [_instant(node), _offset_minutes(node)])


def _local_of(node: exp.Expr, top: exp.Expr) -> exp.Expr:
    """The local time of what is computed of a time, up to a node."""
    local = top.copy()
    inner = next(one for one in local.walk() if type(one) is type(node))
    value = _local(node)
    found = inner.replace(value).root() if inner is not local else value
    for step in found.find_all(*STEPS):
        step.type = exp.DataType.build("TIMESTAMP")
    return found


def _printed(node: exp.Expr, top: exp.Expr, digits: int | None = None) -> exp.Expr:
    """As text, with the offset: 2025-06-18 23:30:00.000 -05:00."""
    in_zone = isinstance(node, exp.AtTimeZone)
    offset = exp.Literal.string(_zone(node)) if in_zone else _offset_minutes(node)
    local = _local_of(node, top)
    zone = "CASE WHEN _1 = 0 THEN ' UTC' ELSE printf(' %s%02d:%02d', CASE WHEN _1 < 0 THEN '-' ELSE '+' END, "
    if in_zone:
        kind = node.this.type
        if digits is None:
            digits = int(kind.expressions[0].name) if kind is not None and kind.expressions else 3
        width = 20 + digits if digits else 19
        printed = filled(f"left(strftime(_0, '%Y-%m-%d %H:%M:%S.%f'), {width}) || ' ' || _1", [local, offset])
        printed.type = exp.DataType.build("VARCHAR")
        return printed
    text = filled(f"strftime(_0, '%Y-%m-%d %H:%M:%S.%g') || {zone}abs(_1) // 60, abs(_1) % 60) END", [local, offset])
    text.type = exp.DataType.build("VARCHAR")
    return text
