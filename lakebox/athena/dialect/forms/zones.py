"""Times that are written with a zone, or asked for in one, as AT TIME ZONE."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlglot import exp

WITH_ZONE = "a local time in its zone"
ZONE_FIELDS = ("TIMEZONE_HOUR", "TIMEZONE_MINUTE")
TIME_IN_ZONE = re.compile(
    r"\s*(\d{4}-\d\d?-\d\d?)(?: (\d\d?:\d\d(?::\d\d(?:\.\d{1,6})?)?))? ?([+-]\d\d:\d\d|\w+(?:/\w+)+)"
)


def zoned(time: exp.Expr | None, zone: exp.Expr | None) -> exp.AtTimeZone:
    """A local time in its zone."""
    node = exp.AtTimeZone(this=time, zone=zone)
    node.meta[WITH_ZONE] = True
    return node


def in_zone(node: exp.Expr) -> exp.Expr | None:
    """from_unixtime with a zone, extract(timezone_hour …) and literals with a zone in their plain forms."""
    if isinstance(node, exp.UnixToTime) and node.args.get("zone"):
        return exp.AtTimeZone(this=exp.UnixToTime(this=node.this.copy()), zone=node.args["zone"].copy())
    if isinstance(node, exp.Extract) and node.name.upper() in ZONE_FIELDS:
        return exp.Anonymous(this=node.name.lower(), expressions=[node.expression.copy()])
    if isinstance(node, exp.Cast) and node.this.is_string and node.args["to"].is_type("timestamptz"):
        return _time_in_zone(node)
    return None


def _time_in_zone(node: exp.Cast) -> exp.Expr | None:
    """TIMESTAMP '2024-01-01 10:00 Europe/Berlin' as the instant, in its zone; one in UTC stays as it is."""
    match = TIME_IN_ZONE.fullmatch(node.this.name)
    if match is None:
        return None
    day, time, zone = match[1], match[2] or "00:00", match[3]
    day = "-".join(part.zfill(2) for part in day.split("-"))
    try:
        local = datetime.fromisoformat(f"{day} {time if time[1] != ':' else '0' + time}")
        offset = local.replace(tzinfo=ZoneInfo(zone)).utcoffset() if zone[0] not in "+-" else None
    except (ValueError, ZoneInfoNotFoundError):
        return None
    if offset is None:
        offset = int(f"{zone[0]}1") * timedelta(hours=int(zone[1:3]), minutes=int(zone[4:]))
    instant = exp.Cast(this=exp.Literal.string(f"{(local - offset).isoformat(' ')} UTC"), to=node.args["to"].copy())
    return exp.AtTimeZone(this=instant, zone=exp.Literal.string(zone))
