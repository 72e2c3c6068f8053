"""Statements of Athena's SQL made by a grammar: a seed in, statements over two small tables out.

athena_rules.py has the grammar: `{int} + {int}` is expanded until a depth is reached, where a column or a literal of
LEAVES stands. So each expression has the types that Athena wants, and few are refused.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
from athena_rules import AGGREGATES, COMMON, FORMS, FRAMES, GROUPINGS, LEAVES, RANKS, RULES, SCALAR, WINDOWS

ITEMS = {"id": "bigint", "i": "int", "b": "bigint", "d": "decimal(10,2)", "w": "decimal(20,6)", "f": "double",
         "r": "float", "s": "string", "n": "string", "o": "boolean", "dt": "date", "ts": "timestamp", "a": "array<int>",
         "t": "array<string>", "m": "map<string,int>", "q": "struct<x:int,y:string>"}  # fmt: skip
OTHERS = {"k": "bigint", "i": "int", "s": "string", "d": "decimal(12,4)", "at": "timestamp"}


def items() -> pa.Table:
    """The rows of `items`: each column has nulls, and the ends of its type that arithmetic bears."""
    texts = ["a", "Größe", "", "abc", " x ", "a,b,c", None, "1.50", "😀x", "A_b%", "12", "abc"]
    numbers = [1, 0, -7, None, 2147483647, 3, 3, 100, -2147483648, 12, 5, 2]
    days = [date(2024, 2, 29), date(1969, 12, 31), None, date(2024, 12, 31), date(2026, 1, 31), date(2000, 1, 1)] * 2
    times = [datetime(2024, 2, 29, 23, 59, 59, 123000), datetime(1969, 12, 31, 23, 59, 59, 900000), None,
             datetime(2024, 3, 31, 1, 30), datetime(2026, 12, 31), datetime(2024, 10, 27, 0, 30)] * 2  # fmt: skip
    columns = {
        "id": pa.array(range(1, 13), pa.int64()),
        "i": pa.array(numbers, pa.int32()),
        "b": pa.array([7, None, -3, 9, 4_000_000_000, 0, 1, 2, -9, 10**15, 11, 12], pa.int64()),
        "d": _decimals("12.34 -0.05 0.00 99.99 1.005 -1.50 nothing 100.00 2.50 -99999999.99 0.10 3.00", 10, 2),
        "w": _decimals("0.000001 1.5 -2.25 nothing 3 1000000.5 -0.333333 7 8 9.999999 10 2.675", 20, 6),
        "f": pa.array([1.5, -0.5, 0.0, None, 1e10, 1.005, -1e-3, 123456.789, 2.5, 3.5, 1e-7, 7.0], pa.float64()),
        "r": pa.array([1.5, 0.1, -3.0, None, 2.25, 0.0, 7.0, 8.5, 0.3, 1e3, 2.0, -0.7], pa.float32()),
        "s": pa.array(texts, pa.string()),
        "n": pa.array(["1", "2.5", "x", None, "-3", "", "1e2", " 4", "2024-02-29", "true", "7", "+8"], pa.string()),
        "o": pa.array([True, False, None] * 4, pa.bool_()),
        "dt": pa.array(days, pa.date32()),
        "ts": pa.array(times, pa.timestamp("us")),
        "a": pa.array([[1, 2, 3], [], None, [3, None, 1], [5], [2, 2, 1]] * 2, pa.list_(pa.int32())),
        "t": pa.array([["a", "b"], None, ["x", None], [], ["", "a", "a"], ["c"]] * 2, pa.list_(pa.string())),
        "m": pa.array([{"a": 1, "b": 2}, {}, None, {"k": None}, {"a": 5}, {"z": 9}] * 2,
                      pa.map_(pa.string(), pa.int32())),
        "q": pa.array([{"x": 1, "y": "u"}, None, {"x": None, "y": "v"}] * 4,
                      pa.struct([("x", pa.int32()), ("y", pa.string())])),
    }  # fmt: skip
    return pa.table(columns)


def others() -> pa.Table:
    """The rows of `others`, which join with those of `items`."""
    return pa.table(
        {
            "k": pa.array([1, 2, 2, None, 5, 12, 20], pa.int64()),
            "i": pa.array([1, 3, 3, None, 100, 0, 7], pa.int32()),
            "s": pa.array(["a", "abc", None, "", "abc", "Größe", "z"], pa.string()),
            "d": _decimals("1.5 12.34 nothing -0.05 100 3 2.5", 12, 4),
            "at": pa.array([datetime(2024, 2, 29), None, datetime(2024, 12, 31, 12), datetime(2025, 1, 1),
                            datetime(1969, 12, 31), datetime(2026, 1, 31, 8), datetime(2024, 3, 31)],
                           pa.timestamp("us")),
        }
    )  # fmt: skip


def _decimals(texts: str, precision: int, scale: int) -> pa.Array:
    unit = Decimal(1).scaleb(-scale)
    values = [None if text == "nothing" else Decimal(text).quantize(unit) for text in texts.split()]
    return pa.array(values, pa.decimal128(precision, scale))


ITEMS_NAMES = re.compile(r"(?<![.\w'])(i|s|d|ts)(?![\w'(])")


@dataclass(frozen=True)
class Made:
    """A statement; `expression` is its only column where many such statements can be asked in one."""

    sql: str
    expression: str = ""

    @property
    def is_ordered(self) -> bool:
        """Whether the order of its rows is known."""
        return bool(re.search(r"ORDER BY (id|k|x, y|z [^)]*|g)( LIMIT \d+)?$", self.sql))


def statements(seed: int, count: int) -> Iterator[Made]:
    """So many statements; a seed gives the same ones always."""
    make = _Maker(random.Random(seed))
    for number in range(count):
        depth = make.random.choice((1, 2, 2, 3))
        if number % 5 < 3:
            expression = make.text(make.random.choice(list(RULES)), depth)
            yield Made(f"SELECT id, {expression} FROM items ORDER BY id", expression)
        else:
            yield Made(make.filled(make.random.choice(FORMS), depth - 1))


def together(batch: list[Made]) -> str:
    """One statement that asks for all expressions of a batch."""
    return f"SELECT id, {', '.join(one.expression for one in batch)} FROM items ORDER BY id"


class _Maker:
    """Expands the grammar by chance."""

    def __init__(self, chance: random.Random) -> None:
        self.random = chance

    def text(self, kind: str, depth: int) -> str:
        """A value of a kind, as deep at most."""
        if depth <= 0 or kind not in RULES:
            return self.filled(self.random.choice(LEAVES[kind].split("|")), depth)
        chosen = self.random.random()
        if chosen < 0.12:
            return self.text(kind, 0)
        if chosen < 0.22:
            return self.filled(self.random.choice(COMMON).replace("{0}", "{" + kind + "}"), depth)
        if chosen < 0.28 and kind in ("int", "big", "dec", "dbl", "txt", "date", "ts"):
            return self.filled(self.random.choice(SCALAR).replace("{0}", "{" + kind + "}"), depth)
        return self.filled(self.random.choice(RULES[kind]), depth)

    def filled(self, form: str, depth: int) -> str:
        """A form with its places taken."""
        return re.sub(r"\{\{|\}\}|\{(\w+)\}", lambda match: self._place(match, depth), form)

    def _place(self, match: "re.Match[str]", depth: int) -> str:
        name = match[1]
        if name is None:
            return match[0][0]
        choice = self.random.choice
        if name in ("AGG", "WINDOW", "RANK"):
            return self.filled(choice({"AGG": AGGREGATES, "WINDOW": WINDOWS, "RANK": RANKS}[name]), depth)
        if name == "OVER":
            part = choice(("", "PARTITION BY o ", "PARTITION BY i % 3 ", "PARTITION BY dt "))
            return f"{part}ORDER BY {choice(('i', 's DESC', 'dt NULLS FIRST', 'd', 'ts'))}, id"
        if name in ("plain_items", "plain_i"):
            text = self.text("plain", depth)
            return ITEMS_NAMES.sub(r"items.\1", text) if name == "plain_items" else f"CAST({text} AS varchar)"
        chosen = {
            "FRAME": FRAMES,
            "GROUPING": GROUPINGS,
            "JOIN": ("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"),
            "ON": ("items.i = others.i", "items.id = others.k", "items.s = others.s AND items.id <= others.k"),
            "SET": ("UNION", "UNION ALL", "INTERSECT", "EXCEPT"),
            "NOT": ("", "NOT "),
        }.get(name)
        return choice(chosen) if chosen is not None else self.text(name, depth - 1)
