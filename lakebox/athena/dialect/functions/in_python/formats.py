"""format(), with the specifiers of Java's Formatter that Athena's users write."""

import calendar
import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from lakebox.athena.result_text import double_text

SHORT = ("", "K", "M", "B", "T", "Q")
SPECIFIER = re.compile(r"%(?:(\d+)\$)?([-#+ 0,(]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])")
WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
KINDS = {"d": WHOLE, "x": WHOLE, "o": WHOLE, "f": ("FLOAT", "DOUBLE", "DECIMAL"), "e": ("FLOAT", "DOUBLE")}
PRINTABLE = (*WHOLE, "FLOAT", "DOUBLE", "DECIMAL", "VARCHAR", "BOOLEAN", "DATE", '"NULL"')


def short_number(text: str) -> str:
    """A number with three digits or so, and K, M, B, T or Q for its thousands, cut to a bigint's size."""
    number = float(min(max(int(Decimal(text)), -(2**63)), 2**63 - 1)) if Decimal(text).is_finite() else 0.0
    unit = 0
    while abs(number) >= 1000 and unit < len(SHORT) - 1:
        number, unit = number / 1000, unit + 1
    places = 2 if number < 10 else 1 if number < 100 else 0
    shown = format(Decimal(number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP), "f")
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown) + SHORT[unit]


def iso_date(text: str) -> str:
    """A day as 2026-01-31 from it, a week (2026-W05, 2026-W05-6), a day of the year (2026-031), a month or a year."""
    week = re.fullmatch(r"(\d{4})-?W(\d\d)(?:-?([1-7]))?", text)
    ordinal = re.fullmatch(r"(\d{4})-(\d{3})", text)
    if week:
        return date.fromisocalendar(int(week[1]), int(week[2]), int(week[3] or 1)).isoformat()
    if ordinal and 1 <= int(ordinal[2]) <= 365 + calendar.isleap(int(ordinal[1])):
        return (date(int(ordinal[1]), 1, 1) + timedelta(days=int(ordinal[2]) - 1)).isoformat()
    plain = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", text)
    if plain is None:
        raise ValueError(f"from_iso8601_date: Invalid format: '{text}'; write 2026-01-31")
    return date(int(plain[1]), int(plain[2] or 1), int(plain[3] or 1)).isoformat()


def formatted(pattern: str, values: Sequence[str | None], kinds: Sequence[str]) -> str:
    """The pattern with its values, which come as text, each with DuckDB's name of its type."""
    following = iter(range(len(values)))
    parts, end = [], 0
    for match in SPECIFIER.finditer(pattern):
        parts.append(_plain(pattern[end : match.start()]))
        end = match.end()
        index, flags, width, digits, letter = match.groups()
        if letter in ("%", "n"):
            parts.append("\n" if letter == "n" else "%".rjust(int(width or 0)))
            continue
        place = int(index) - 1 if index else next(following, len(values))
        if place >= len(values):
            raise ValueError(f"format: Format specifier '{match[0]}'")
        text = _value(values[place], kinds[place].split("(")[0], letter, flags, digits)
        text = text.upper() if letter.isupper() else text
        filler = "0" if "0" in flags and letter.lower() in KINDS and values[place] is not None else " "
        parts.append(_padded(text, int(width or 0), filler, left="-" in flags))
    return "".join([*parts, _plain(pattern[end:])])


def _plain(text: str) -> str:
    if "%" in text:
        raise ValueError(f"format: '{text}' has a specifier that is not supported by the embedded engine")
    return text


def _padded(text: str, width: int, filler: str, *, left: bool) -> str:
    sign = text[0] if filler == "0" and text[:1] in ("-", "+") else ""
    return text.ljust(width) if left else sign + text[len(sign) :].rjust(width - len(sign), filler)


def _value(text: str | None, kind: str, letter: str, flags: str, digits: str | None) -> str:
    lower = letter.lower()
    if lower not in "sdfexob" or letter in "DFO" or kind not in PRINTABLE or set(flags) & {"#", "("}:
        problem = f"%{letter} of {kind.lower()}" if kind not in PRINTABLE else f"%{flags}{letter}"
        raise ValueError(f"format: {problem} is not supported by the embedded engine")
    if lower == "b":
        return str(text is not None and (kind != "BOOLEAN" or text == "true")).lower()
    if text is None or lower == "s":
        if text is None:
            return "null"[: int(digits)] if digits else "null"
        shown = double_text(float(text)) if kind in ("FLOAT", "DOUBLE") else text
        shown = "0" * shown.startswith(".") + shown.replace("-.", "-0.") if kind == "DECIMAL" else shown
        return shown if digits is None else shown[: int(digits)]
    if kind not in KINDS[lower]:
        raise ValueError(f"format: {letter} != {kind.lower()}")
    return _number(text, lower, flags, digits)


def _number(text: str, letter: str, flags: str, digits: str | None) -> str:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError("format: NaN and infinity are not supported by the embedded engine")
    if letter in "xo":
        return format(int(text) % 2 ** (64 if abs(int(text)) >= 2**31 else 32), letter)
    places = int(digits or 6) if letter in "fe" else 0
    if letter == "e":
        power = number.adjusted() if number else 0
        mantissa = number.scaleb(-power).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        power, mantissa = (power + 1, mantissa / 10) if abs(mantissa) >= 10 else (power, mantissa)
        shown = f"{mantissa:.{places}f}e{power:+03d}"
    else:
        rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        shown = f"{rounded:{',' if ',' in flags else ''}.{places}f}"
    sign = "+" if "+" in flags else " " if " " in flags else ""
    return shown if shown.startswith("-") else sign + shown
