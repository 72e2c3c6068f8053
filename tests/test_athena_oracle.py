"""The judge of made statements sees a wrong value, also where the order of a map's entries is free."""

from collections.abc import Sequence
from typing import Any

import pytest
from athena_grammar import Made
from athena_oracle import Answer, compared

KEYS = "SELECT map_keys(m) FROM items"


def verdict(sql: str, mine: Sequence[Any], theirs: Sequence[Any]) -> str:
    answers = [Answer(["array(varchar)"], [row]) for row in (mine, theirs)]
    outcome = compared(iter([Made(sql)]), lambda _: answers[0], lambda _: answers[1])
    return next(iter(outcome.counts))


@pytest.mark.parametrize(
    ("sql", "mine", "theirs", "wanted"),
    [
        (KEYS, [["a", "b"]], [["b", "a"]], "known to differ"),
        (KEYS, [["a", "b"]], [["a", "c"]], "different"),
        (KEYS, [["a", "a"]], [["a", "b"]], "different"),
        (KEYS, [["a"]], [["a", "a"]], "different"),
        ("SELECT map_entries(m) FROM items", [[("a", 1), ("b", 2)]], [[["b", 2], ["a", 1]]], "known to differ"),
        ("SELECT map_entries(m) FROM items", [[("a", 1), ("b", 2)]], [[["b", 1], ["a", 2]]], "different"),
        ("SELECT map_entries(m) FROM items", [[("a", "b")]], [[["b", "a"]]], "different"),
        ("SELECT l FROM items", [["a", "b"]], [["b", "a"]], "different"),
        (KEYS, ["a"], ["b"], "different"),
    ],
)
def test_only_the_order_of_entries_is_free(sql: str, mine: Sequence[Any], theirs: Sequence[Any], wanted: str) -> None:
    assert verdict(sql, mine, theirs) == wanted
