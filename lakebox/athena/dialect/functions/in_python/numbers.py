"""Bits, digits and spans of numbers."""

import itertools
import math
import re
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

MOST_COMBINATIONS = 100_000
SPANS = (("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def bit_count(value: int, bits: int) -> int:
    """The ones of a number of so many bits."""
    if not 2 <= bits <= 64:
        raise ValueError(f"bit_count takes 2 to 64 bits, not {bits}")
    if not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
        raise ValueError(f"bit_count: {value} has more than {bits} bits")
    return int((value & (2**bits - 1)).bit_count())


def shifted(value: int, places: int, way: str) -> int:
    """A bigint with its bits shifted; an integer, where the way ends in 32."""
    way, _, width = way.partition(" ")
    size = int(width or 64)
    ones = 2**size - 1
    if places < 0:
        raise ValueError("a shift by less than 0 places is not supported by the embedded engine")
    if way == "arithmetic":
        return int(value >> min(places, size - 1))
    bits: int = 0 if places >= size else (value & ones) << places & ones if way == "left" else (value & ones) >> places
    return bits - 2**size if bits >= 2 ** (size - 1) else bits


def combinations(length: int, size: int) -> list[list[int]]:
    """The places of all combinations of so many elements of an array, the earlier ones first."""
    if not 0 <= size <= 5:
        raise ValueError("combinations takes 0 to 5 elements at a time")
    found = sorted(itertools.combinations(range(1, length + 1), size), key=lambda places: places[::-1])
    if len(found) > MOST_COMBINATIONS:
        raise ValueError("combinations exceed max size")
    return [list(places) for places in found]


def to_base(value: int, base: int) -> str:
    """A number's digits in a base."""
    if not 2 <= base <= 36:
        raise ValueError(f"Radix must be between 2 and 36, not {base}")
    digits, rest = "", abs(value)
    while rest or not digits:
        digits, rest = "0123456789abcdefghijklmnopqrstuvwxyz"[rest % base] + digits, rest // base
    return "-" * (value < 0) + digits


def from_base(text: str, base: int) -> int:
    """The number of digits in a base."""
    if not 2 <= base <= 36:
        raise ValueError(f"Radix must be between 2 and 36, not {base}")
    try:
        number = int(text, base) if re.fullmatch("[+-]?[0-9A-Za-z]+", text) else 2**63
    except ValueError:
        number = 2**63
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"Not a valid base-{base} number: {text}")
    return number


def cube_root(value: float) -> float:
    """The cube root, to the last digit: 3.0 of 27."""
    near = math.cbrt(value)
    candidates = (near, math.nextafter(near, math.inf), math.nextafter(near, -math.inf))
    return min(candidates, key=lambda root: abs(Fraction(root) ** 3 - Fraction(value)))


def readable_seconds(value: float) -> str:
    """Seconds in weeks, days, hours, minutes and seconds: 1 day, 2 seconds."""
    if not math.isfinite(value):
        raise ValueError(f"Invalid argument found: {value}")
    rest, parts = abs(math.floor(value + 0.5)), []
    for name, seconds in SPANS:
        number, rest = divmod(rest, seconds)
        if number:
            parts.append(f"{number} {name}{'s' * (number != 1)}")
    return ", ".join(parts) or "0 seconds"


UNITS_MS = {"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def duration_ms(text: str) -> int:
    """A duration with its unit, 3.5d, in milliseconds."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(\w+)\s*", text)
    if match is None or match[2] not in UNITS_MS:
        raise ValueError(f"duration is not a valid data duration string: {text}")
    return math.floor(float(match[1]) * UNITS_MS[match[2]] + 0.5)


def truncated(text: str, digits: int) -> str:
    """A decimal with no more digits after the point, or with zeros before it, as many digits written as before."""
    number = Decimal(text)
    step = Decimal(1).scaleb(-max(min(digits, 40), -40))
    cut = number if -digits < int(number.as_tuple().exponent) else number.quantize(step, ROUND_DOWN)
    return f"{cut:f}"
