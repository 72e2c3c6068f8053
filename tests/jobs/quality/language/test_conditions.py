"""Rules as values: what numbers a condition admits, which columns a rule can read."""

from decimal import Decimal
from fractions import Fraction

import pytest

from jobs.quality.language import Rule
from jobs.quality.language.columns import family, obstacle
from jobs.quality.language.conditions import Condition


@pytest.mark.parametrize(
    ("operator", "bounds", "admitted", "refused"),
    [
        (">", (5,), (6,), (5, 4)),
        (">=", (5,), (5, 6), (4,)),
        ("<", (5,), (4,), (5, 6)),
        ("<=", (5,), (4, 5), (6,)),
        ("=", (5,), (5,), (4, 6)),
        ("!=", (5,), (4, 6), (5,)),
        ("in", (5, 7), (5, 7), (6,)),
        ("not in", (5, 7), (6,), (5, 7)),
        ("between", (5, 7), (6,), (5, 7, 4, 8)),
        ("not between", (5, 7), (5, 7, 4, 8), (6,)),
    ],
)
def test_a_condition_admits_numbers(
    operator: str, bounds: tuple[int, ...], admitted: list[int], refused: list[int]
) -> None:
    condition = Condition(operator, tuple(map(Decimal, bounds)))
    assert [condition.admits(Fraction(number)) for number in admitted] == [True] * len(admitted)
    assert [condition.admits(Fraction(number)) for number in refused] == [False] * len(refused)


def test_a_share_is_compared_exactly() -> None:
    assert Condition("=", (Decimal("0.3"),)).admits(Fraction(3, 10))
    assert not Condition(">", (Decimal("0.3"),)).admits(Fraction(3, 10))


@pytest.mark.parametrize(
    ("type_name", "kind"),
    [("string", "text"), ("bigint", "number"), ("decimal(10,2)", "number"), ("boolean", "flag"), ("date", "time")],
)
def test_a_type_is_of_a_family(type_name: str, kind: str) -> None:
    assert family(type_name) == kind


@pytest.mark.parametrize("type_name", ["array<string>", "struct<a:int>", "map<string,int>", "binary", "void", ""])
def test_other_types_are_of_no_family_and_only_nulls_can_be_checked(type_name: str) -> None:
    types = {"a": type_name}
    assert family(type_name) is None
    assert obstacle(Rule("IsComplete", ("a",)), types) is None
    assert obstacle(Rule("IsUnique", ("a",)), types) == f"IsUnique can't read column 'a', which is {type_name}"
