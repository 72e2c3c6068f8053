"""Distances of texts, normal forms and check digits."""

import re
import unicodedata

SOUNDS = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "01230120022455012623010202", strict=True))  # of H and W none


def levenshtein(one: str, other: str) -> int:
    """How many characters to insert, delete or replace."""
    row = list(range(len(other) + 1))
    for number, sign in enumerate(one, 1):
        before, row[0] = row[0], number
        for place, against in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (sign != against))
    return row[-1]


def normalize(text: str, form: str) -> str:
    """Unicode's normal form of a text."""
    if form not in ("NFC", "NFD", "NFKC", "NFKD"):
        raise ValueError(f"normalize takes NFC, NFD, NFKC or NFKD, not {form}")
    return unicodedata.normalize(form, text)  # type: ignore[arg-type]


def luhn(digits: str) -> bool:
    """Whether the check digit is right; raises ValueError on what is no digit."""
    if digits and not re.fullmatch("[0-9]+", digits):
        raise ValueError("luhn_check takes digits only")
    doubled = [int(sign) * (1 + place % 2) for place, sign in enumerate(reversed(digits))]
    return bool(digits) and sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def soundex(text: str) -> str:
    """The sound of an English word: its first letter and three digits; what is no letter counts nothing."""
    letters = [letter for letter in text.upper() if letter.isalpha()]
    for letter in letters:
        if letter not in SOUNDS:
            raise ValueError(f"soundex: The character is not mapped: {letter}")
    code, last = "", ""
    for place, letter in enumerate(letters):
        sound = SOUNDS[letter]
        if place == 0:
            code = letter
        elif sound.isdigit() and sound != "0" and sound != last:
            code += sound
        last = last if letter in "HW" and place else sound
    return code.ljust(4, "0")[:4] if code else ""


def position_of(text: str, wanted: str, number: int) -> int:
    """Where a text has another for the so-many-th time, from 1; from its end where the number is negative; else 0."""
    if number == 0:
        raise ValueError("strpos: 'instance' must not be a positive or negative number.")
    if not wanted:
        return 1
    at = -1 if number > 0 else len(text)
    for _ in range(abs(number)):
        at = text.find(wanted, at + 1) if number > 0 else text.rfind(wanted, 0, max(at + len(wanted) - 1, 0))
        if at < 0:
            return 0
    return at + 1
