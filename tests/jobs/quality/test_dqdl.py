"""DQDL text -> rules, and what is refused."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import catalog
from catalog.tables import SILVER_USER_EVENTS
from jobs.quality.dqdl import load_ruleset, parse_ruleset
from jobs.quality.rules import RULE_TYPES, Condition, Keyword, Operand, Rule, Ruleset
from jobs.quality.tokens import RulesetError

SILVER_RULES = Path(catalog.__file__).with_name("silver_user_events.dqdl").read_text(encoding="utf-8")


def rule_of(text: str) -> Rule:
    """The only rule of a ruleset."""
    (rule,) = parse_ruleset(f"Rules = [ {text} ]").rules
    return rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("RowCount > 0", Rule("RowCount", (), Condition(">", (Decimal(0),)))),
        ("ColumnCount = 16", Rule("ColumnCount", (), Condition("=", (Decimal(16),)))),
        ('ColumnExists "page"', Rule("ColumnExists", ("page",))),
        ('IsComplete "pk"', Rule("IsComplete", ("pk",))),
        ("IsComplete pk", Rule("IsComplete", ("pk",))),
        ('Completeness "page" >= 0.5', Rule("Completeness", ("page",), Condition(">=", (Decimal("0.5"),)))),
        ('IsUnique "a" "b"', Rule("IsUnique", ("a", "b"))),
        ('Uniqueness "a" > 0.9', Rule("Uniqueness", ("a",), Condition(">", (Decimal("0.9"),)))),
        ('IsPrimaryKey "pk"', Rule("IsPrimaryKey", ("pk",))),
        ('DistinctValuesCount "a" != 3', Rule("DistinctValuesCount", ("a",), Condition("!=", (Decimal(3),)))),
        (
            'ColumnLength "a" between 1 and 5',
            Rule("ColumnLength", ("a",), Condition("between", (Decimal(1), Decimal(5)))),
        ),
        ('ColumnDataType "a" = "Double"', Rule("ColumnDataType", ("a",), Condition("=", ("DOUBLE",)))),
        ('ColumnValues "op" in ["I","U"]', Rule("ColumnValues", ("op",), Condition("in", ("I", "U")))),
        (
            'ColumnValues "a" not in [1, -2.5]',
            Rule("ColumnValues", ("a",), Condition("not in", (Decimal(1), Decimal("-2.5")))),
        ),
        (
            'ColumnValues "t" >= "1970-01-01"',
            Rule("ColumnValues", ("t",), Condition(">=", (date(1970, 1, 1),))),
        ),
        (
            'ColumnValues "a" in ["x", NULL, empty, WHITESPACES_ONLY]',
            Rule(
                "ColumnValues",
                ("a",),
                Condition("in", ("x", Keyword.NULL, Keyword.EMPTY, Keyword.WHITESPACES_ONLY)),
            ),
        ),
        (
            r'ColumnValues "a" matches "\d{4}-\d\d" with threshold > 0.9',
            Rule(
                "ColumnValues",
                ("a",),
                Condition("matches", (r"\d{4}-\d\d",)),
                Condition(">", (Decimal("0.9"),)),
            ),
        ),
        (
            r'ColumnValues "a" = "say \"hi\" \\ # [x], y"',
            Rule("ColumnValues", ("a",), Condition("=", (r'say "hi" \ # [x], y',))),
        ),
    ],
)
def test_a_rule_is_read(text: str, rule: Rule) -> None:
    assert rule_of(text) == rule


def test_comments_and_layout_change_nothing_but_the_lines() -> None:
    ruleset = parse_ruleset(
        '# gate\nRules = [ # rules, of "course" ]\n  RowCount > 0,\n\n  IsComplete "pk" # last\n]\n# end'
    )
    assert [(rule.text, rule.line) for rule in ruleset.rules] == [("RowCount > 0", 3), ('IsComplete "pk"', 5)]
    assert ruleset.sha256 == parse_ruleset('Rules=[RowCount>0,IsComplete "pk"]').sha256


def test_another_bound_gives_another_hash() -> None:
    assert parse_ruleset("Rules = [RowCount > 0]").sha256 != parse_ruleset("Rules = [RowCount > 1]").sha256


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('Mean "amount" > 3', "rule type Mean is not supported; supported: RowCount, "),
        ('iscomplete "pk"', "rule type iscomplete is not supported"),
        ('CustomSql "select 1" = 1', "rule type CustomSql is not supported"),
        ('(IsComplete "a") and (IsUnique "a")', "composite rules are not supported"),
        ('IsComplete "a" OR IsUnique "a"', "composite rules are not supported"),
        ('IsComplete "a" where "b > 1"', "`where` clauses are not supported"),
        ('RowCount > 3 labels = ["a" = "b"]', "labels are not supported"),
        ('ColumnValues "a" in ["x"] with ignoreCase = "true"', "supported is `with threshold`"),
        ('ColumnLength "a" = 3 with threshold > 0.5', "supported is `with threshold`"),
        ("RowCount", "the end is not a supported operator; supported: >, >="),
        ('RowCount "a" > 3', "RowCount takes no column, not 1"),
        ('IsComplete "a" "b"', "IsComplete takes one column, not 2"),
        ("IsUnique", "IsUnique takes at least one column, not 0"),
        ('IsComplete "a" > 3', "> is not expected there"),
        ("RowCount ~ 3", "'~' is not a sign of the DQDL"),
        ("RowCount > (now() - 3 days)", "'-' is not a sign of the DQDL"),
        ('ColumnValues "t" > now()', "now is not a supported value"),
        ("RowCount > avg(last(10))", "avg is not a supported value"),
        ('ColumnValues "a" = $x', "'$' is not a sign of the DQDL"),
        ("RowCount > 3 days", "days is not expected there"),
        ("RowCount > 3.", "3. is not a supported value"),
        ('RowCount > "3"', "RowCount compares numbers"),
        ("RowCount matches 3", "matches is not a supported operator"),
        ("RowCount = NULL", "RowCount compares numbers"),
        ("RowCount between 1, IsComplete pk", "needs two bounds"),
        ("RowCount between 1 and", "a value is missing"),
        ('ColumnValues "a" > "x"', "`>` compares numbers or dates"),
        ('ColumnValues "a" between NULL and 3', "`between` compares numbers or dates"),
        ('ColumnValues "a" in ["x", 3]', "must be of one kind"),
        ('ColumnValues "a" in "x"', "a list is written"),
        ('ColumnValues "a" in []', "] is not a supported value"),
        ('ColumnValues "a" in ["x" "y"]', "ends an item of the list"),
        ('ColumnValues "a" matches 3', "supported: a quoted pattern"),
        ('ColumnValues "a" = "2024-02-30"', "no day of the calendar"),
        ('ColumnValues "a" = "10:30"', "time of day"),
        ('ColumnDataType "a" = "STRING"', "names no type of DQDL; supported: BOOLEAN, "),
        ('ColumnDataType "a" != "DATE"', "!= is not a supported operator"),
        ("ColumnValues \"a\" = 'x'", "is not a sign of the DQDL"),
        ('IsComplete "a', "is not a sign of the DQDL"),
        ("RowCount > " + "9" * 39, "is not a supported value"),
    ],
)
def test_what_is_not_supported_is_refused_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(RulesetError) as refused:
        parse_ruleset(f"Rules = [\n  RowCount > 0,\n  {text}\n]")
    assert problem in str(refused.value)
    assert str(refused.value).startswith("line 3 of the DQDL ruleset: ")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "must start with `Rules = [`"),
        ("# nothing", "must start with `Rules = [`"),
        ("Rules = []", "there is no rule here"),
        ("Rules = [ RowCount > 0, ]", "there is no rule here"),
        ("Rules = [ , RowCount > 0 ]", "there is no rule here"),
        ("Rules = [", "the closing bracket `]` is missing"),
        ("Rules = [ RowCount > 0", "the closing bracket `]` is missing"),
        ('Rules = [ RowCount > 0 ] Analyzers = [ Mean "a" ]', "'Analyzers' follows the closing bracket"),
        ('Metadata = {"version": "1"} Rules = [ RowCount > 0 ]', "is not a sign of the DQDL"),
        ("rules = [ RowCount > 0 ]", "must start with `Rules = [`"),
    ],
)
def test_a_text_that_is_no_ruleset_is_refused(text: str, problem: str) -> None:
    with pytest.raises(RulesetError, match=problem.replace("[", r"\[").replace("`]`", r"`\]`")):
        parse_ruleset(text)


def test_an_error_names_the_rule_as_it_was_written() -> None:
    with pytest.raises(RulesetError) as refused:
        parse_ruleset("Rules = [\n RowCount > 0,\n Mean\n   amount > 3 ]")
    assert (refused.value.line, refused.value.rule) == (3, "Mean amount > 3")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('IsComplete "user"', "there is no column 'user'"),
        ('ColumnExists "User_Id"', "there is no column 'User_Id'"),
        ('IsUnique "pk" "nope"', "there is no column 'nope'"),
        ('ColumnLength "amount" = 3', "ColumnLength needs a string column; 'amount' is double"),
        ('ColumnValues "amount" = "3"', "'amount' is double: it can be compared with a number, not \"3\""),
        ('ColumnValues "op" = 3', "'op' is string: it can be compared with a string"),
        ('ColumnValues "op" = "2024-01-01"', "'op' is string: it can be compared with a string"),
        ('ColumnValues "event_timestamp" > 3', "'event_timestamp' is timestamp: it can be compared with a date"),
        ('ColumnValues "event_timestamp" = EMPTY', "not EMPTY"),
        ('ColumnValues "amount" matches "3"', "'amount' is double"),
        ('ColumnValues "model_input_flag" = "yes"', 'it can be compared with "true" or "false", not "yes"'),
        (
            'ColumnDataType "amount" = "DATE"',
            "'amount' is double, which can be read as INTEGER, LONG, FLOAT, DOUBLE only",
        ),
    ],
)
def test_a_rule_that_the_table_can_not_answer_is_refused(text: str, problem: str) -> None:
    with pytest.raises(RulesetError) as refused:
        load_ruleset(f"Rules = [\n{text} ]", SILVER_USER_EVENTS)
    assert problem in str(refused.value)
    assert refused.value.line == 2


def test_the_gate_of_silver_asks_for_what_the_contract_promises() -> None:
    texts = [rule.text for rule in load_ruleset(SILVER_RULES, SILVER_USER_EVENTS).rules]
    for expected in ("RowCount > 0", 'IsPrimaryKey "pk"', 'IsComplete "user_id"', 'ColumnValues "op" in ["I", "U"]'):
        assert expected in texts


names = st.from_regex(r"[a-z_][a-z0-9_. -]{0,10}", fullmatch=True)
numbers = st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9)
not_dates = st.text(max_size=12).filter(lambda text: text.count("-") < 2 and ":" not in text)
kinds: tuple[st.SearchStrategy[Operand], ...] = (numbers, st.dates(), not_dates)
keywords = st.sampled_from(Keyword)


@st.composite
def number_conditions(draw: st.DrawFn) -> Condition:
    return _condition(draw, numbers, numbers)


@st.composite
def value_conditions(draw: st.DrawFn) -> Condition:
    literals = draw(st.sampled_from(kinds))
    if literals is not_dates:
        operator = draw(st.sampled_from(("=", "!=", "in", "not in")))
        count = draw(st.integers(1, 4)) if operator.endswith("in") else 1
        return Condition(operator, tuple(draw(st.lists(literals | keywords, min_size=count, max_size=count))))
    return _condition(draw, literals, literals | keywords)


def _condition(draw: st.DrawFn, literals: st.SearchStrategy[Operand], items: st.SearchStrategy[Operand]) -> Condition:
    operator = draw(st.sampled_from((">", ">=", "<", "<=", "between", "not between", "=", "!=", "in", "not in")))
    if operator in ("in", "not in"):
        return Condition(operator, tuple(draw(st.lists(items, min_size=1, max_size=4))))
    if operator in ("=", "!="):
        return Condition(operator, (draw(items),))
    count = 2 if operator.endswith("between") else 1
    return Condition(operator, tuple(draw(literals) for _ in range(count)))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    name = draw(st.sampled_from(sorted(RULE_TYPES)))
    kind = RULE_TYPES[name]
    most = min(kind.most_columns, 3)
    columns = tuple(draw(st.lists(names, min_size=kind.fewest_columns, max_size=most)))
    condition = {
        "nothing": st.none(),
        "a number": number_conditions(),
        "a type": st.sampled_from(("DATE", "DOUBLE")).map(lambda type_: Condition("=", (type_,))),
        "values": value_conditions(),
    }[kind.compares]
    threshold = number_conditions() if kind.takes_threshold else st.none()
    return Rule(name, columns, draw(condition), draw(st.none() | threshold))


@given(st.lists(rules(), min_size=1, max_size=4))
def test_a_ruleset_written_and_read_is_the_same(written: list[Rule]) -> None:
    assert parse_ruleset(Ruleset(tuple(written)).text).rules == tuple(written)


@given(st.text(alphabet=' "\\#[](),=!<>-.\n09azRulesIn', max_size=60))
def test_any_text_is_a_ruleset_or_a_ruleset_error(text: str) -> None:
    try:
        rules_read = parse_ruleset(f"Rules = [{text}]").rules
    except RulesetError:
        return
    assert rules_read
