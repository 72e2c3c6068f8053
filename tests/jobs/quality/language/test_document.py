"""DQDL text -> rules, and what is refused."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import catalog
from catalog.tables import SILVER_USER_EVENTS
from jobs.quality.language import Composite, Rule, Ruleset, RulesetError, parse_ruleset
from jobs.quality.language.columns import require_columns
from jobs.quality.language.conditions import Condition
from jobs.quality.language.operands import Arithmetic, Call, Duration, Keyword, Moment, Operand
from jobs.quality.language.rule_types import REFUSED, RULE_TYPES

SILVER_RULES = Path(catalog.__file__).with_name("silver_user_events.dqdl").read_text(encoding="utf-8")


SILVER_TYPES = {column.name: column.type for column in (*SILVER_USER_EVENTS.columns, *SILVER_USER_EVENTS.partitions)}
TEN = Call("last", (Decimal(10),))


def rule_of(text: str) -> Rule | Composite:
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
        ("RowCount > last()", Rule("RowCount", (), Condition(">", (Call("last"),)))),
        (
            "RowCount between (0.9 * avg(last(10))) and max(last(10)) - 1",
            Rule(
                "RowCount",
                (),
                Condition(
                    "between",
                    (
                        Arithmetic("*", Decimal("0.9"), Call("avg", (TEN,))),
                        Arithmetic("-", Call("max", (TEN,)), Decimal(1)),
                    ),
                ),
            ),
        ),
        (
            'Mean "a" = index(last(10), 2)',
            Rule("Mean", ("a",), Condition("=", (Call("index", (TEN, Decimal(2))),))),
        ),
        ("Completeness of a > 0.5", Rule("Completeness", ("a",), Condition(">", (Decimal("0.5"),)))),
        ('ColumnCorrelation "a" "b" > -0.5', Rule("ColumnCorrelation", ("a", "b"), Condition(">", (Decimal("-0.5"),)))),
        (
            'IsComplete "a" where "b = \\"x\\" and c > 1"',
            Rule("IsComplete", ("a",), where='b = "x" and c > 1'),
        ),
        (
            'ColumnValues "a" in ["x"] where "b" with threshold > 0.9',
            Rule("ColumnValues", ("a",), Condition("in", ("x",)), Condition(">", (Decimal("0.9"),)), "b"),
        ),
        (
            'DataFreshness "t" between 2 days and 50 hours',
            Rule("DataFreshness", ("t",), Condition("between", (Duration(2, "days"), Duration(50, "hours")))),
        ),
        (
            'ColumnValues "t" > (now() - 3 days)',
            Rule("ColumnValues", ("t",), Condition(">", (Moment("-", Duration(3, "days")),))),
        ),
        ('ColumnValues "t" <= now()', Rule("ColumnValues", ("t",), Condition("<=", (Moment(),)))),
        (
            'CustomSql "select count(*) from primary" = 0',
            Rule("CustomSql", ("select count(*) from primary",), Condition("=", (Decimal(0),))),
        ),
        ('CustomSql "select id from primary"', Rule("CustomSql", ("select id from primary",))),
        (
            'ReferentialIntegrity "city,state" "ref.{c,s}" = 1.0',
            Rule("ReferentialIntegrity", ("city,state", "ref.{c,s}"), Condition("=", (Decimal("1.0"),))),
        ),
        ('ColumnNamesMatchPattern "a_\\d+"', Rule("ColumnNamesMatchPattern", ("a_\\d+",))),
        ('(IsComplete "a")', Rule("IsComplete", ("a",))),
        (
            '(IsComplete "a") and (IsUnique "a") OR (RowCount > 0)',
            Composite(
                "or",
                (
                    Composite("and", (Rule("IsComplete", ("a",)), Rule("IsUnique", ("a",)))),
                    Rule("RowCount", (), Condition(">", (Decimal(0),))),
                ),
            ),
        ),
        (
            '(IsComplete "a") and ((IsUnique "a") or (IsUnique "b"))',
            Composite(
                "and",
                (
                    Rule("IsComplete", ("a",)),
                    Composite("or", (Rule("IsUnique", ("a",)), Rule("IsUnique", ("b",)))),
                ),
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


def test_constants_stand_for_strings_and_lists() -> None:
    ruleset = parse_ruleset(
        'Metadata = { "v": "1" }\nsql = "select 1" ops = ["I", "U"]\n'
        'Rules = [ CustomSql $sql = 1, ColumnValues "op" in $ops ]'
    )
    assert [rule.text for rule in ruleset.rules] == ['CustomSql "select 1" = 1', 'ColumnValues "op" in ["I", "U"]']


def test_labels_of_a_rule_win_over_the_default_ones() -> None:
    ruleset = parse_ruleset(
        'DefaultLabels = ["team" = "a", "x" = "y"]\n'
        'Rules = [ RowCount > 0, RowCount > 1 labels = ["team" = "b"],'
        '(RowCount > 2) and (RowCount > 3) labels = ["k" = ""] ]'
    )
    assert [dict(rule.labels) for rule in ruleset.rules] == [
        {"team": "a", "x": "y"},
        {"team": "b", "x": "y"},
        {"team": "a", "x": "y", "k": ""},
    ]
    assert parse_ruleset(ruleset.text).rules[1].labels == (("team", "b"), ("x", "y"))


def test_analyzers_may_stand_alone() -> None:
    ruleset = parse_ruleset('Analyzers = [ RowCount, AllStatistics "a" ]')
    assert ruleset.rules == ()
    assert ruleset.analyzers == (Rule("RowCount"), Rule("AllStatistics", ("a",)))
    assert parse_ruleset(ruleset.text) == ruleset


@pytest.mark.parametrize("name", REFUSED)
def test_a_rule_type_of_dqdl_is_refused_by_name(name: str) -> None:
    with pytest.raises(RulesetError, match=f"rule type {name} is not supported by lakebox: "):
        parse_ruleset(f'Rules = [ {name} "x" ]')


def test_another_bound_gives_another_hash() -> None:
    assert parse_ruleset("Rules = [RowCount > 0]").sha256 != parse_ruleset("Rules = [RowCount > 1]").sha256


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('Median "amount" > 3', "rule type Median is not supported; supported: RowCount, "),
        ('iscomplete "pk"', "rule type iscomplete is not supported"),
        ('(IsComplete "a") and (IsUnique "a"', "the end stands where `)` ends a rule"),
        ('(IsComplete "a" and IsUnique "a") > 3', "> is not expected there"),
        ('ColumnCount = 3 where "b > 1"', "ColumnCount takes no `where`"),
        ('IsComplete "a" where b', "a where clause is written in double quotes, not b"),
        ('RowCount > 3 labels = ["" = "b"]', "a label has 1 to 128 characters"),
        ("RowCount > 3 labels = [a]", "a label is written in double quotes, not a"),
        ('AllStatistics "a"', "rule type AllStatistics is not supported"),
        ('CustomSql "select 1" = 1 with threshold > 0.5', "CustomSql without a condition"),
        ('ReferentialIntegrity "a,b" "other.c" = 1', "is written ReferentialIntegrity"),
        ('DataFreshness "a" < 24', "24 is not a duration; write a whole number and a unit"),
        ('ColumnLength "a" > last()', "ColumnLength can't be compared with past runs"),
        ('ColumnValues "a" > avg(last(3))', "ColumnValues can't be compared with past runs"),
        ("RowCount > 1 + 2 * 3", "write parentheses, as DQDL computes from left to right: 1 + (2 * 3)"),
        ("RowCount > index(last(3))", "index takes 2 argument, not 1"),
        ('ColumnValues "a" = $x', "there is no constant x; define it before the rules"),
        ('ColumnValues "a" in ["x"] with ignoreCase = "true"', "supported is `with threshold`"),
        ('ColumnLength "a" = 3 with threshold > 0.5', "supported is `with threshold`"),
        ("RowCount", "the end is not a supported operator; supported: >, >="),
        ('RowCount "a" > 3', "RowCount takes no column, not 1"),
        ('IsComplete "a" "b"', "IsComplete takes one column, not 2"),
        ("IsUnique", "IsUnique takes at least one column, not 0"),
        ('IsComplete "a" > 3', "> is not expected there"),
        ("RowCount ~ 3", "'~' is not a sign of the DQDL"),
        ("RowCount > (now() - 3 days)", "RowCount compares numbers, not: > (now() - 3 days)"),
        ('ColumnValues "t" > (now() - 3)', "3 is not a duration"),
        ("RowCount > avg", "avg is a function: avg(…)"),
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
        ('DataSources = { "Primary": "a" } Rules = [ RowCount > 0 ]', "must start with `Rules = [`"),
        ("x = 3 Rules = [ RowCount > 0 ]", "a constant is written"),
        ("Rules = RowCount", "Rules is written"),
        ("Analyzers = [ RowCount > 3 ]", "an analyzer has no condition"),
        ("Analyzers = [ IsComplete pk ]", "analyzer type IsComplete is not supported"),
        ("Rules = []", "there is no rule here"),
        ("Rules = [ RowCount > 0, ]", "there is no rule here"),
        ("Rules = [ , RowCount > 0 ]", "there is no rule here"),
        ("Rules = [", "the closing bracket `]` is missing"),
        ("Rules = [ RowCount > 0", "the closing bracket `]` is missing"),
        ('Analyzers = [ Mean "a" ] Rules = [ RowCount > 0 ]', "'Rules' follows the closing bracket"),
        ("rules = [ RowCount > 0 ]", "must start with `Rules = [`"),
    ],
)
def test_a_text_that_is_no_ruleset_is_refused(text: str, problem: str) -> None:
    with pytest.raises(RulesetError, match=problem.replace("[", r"\[").replace("`]`", r"`\]`")):
        parse_ruleset(text)


def test_an_error_names_the_rule_as_it_was_written() -> None:
    with pytest.raises(RulesetError) as refused:
        parse_ruleset("Rules = [\n RowCount > 0,\n Median\n   amount > 3 ]")
    assert (refused.value.line, refused.value.rule) == (3, "Median amount > 3")


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
        require_columns(parse_ruleset(f"Rules = [\n{text} ]"), SILVER_TYPES, "silver")
    assert problem in str(refused.value)
    assert refused.value.line == 2


def test_the_gate_of_silver_asks_for_what_the_contract_promises() -> None:
    texts = [rule.text for rule in parse_ruleset(SILVER_RULES).rules]
    for expected in ("RowCount > 0", 'IsPrimaryKey "pk"', 'IsComplete "user_id"', 'ColumnValues "op" in ["I", "U"]'):
        assert expected in texts


names = st.from_regex(r"[a-z_][a-z0-9_. -]{0,10}", fullmatch=True)
numbers = st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9)
not_dates = st.text(max_size=12).filter(lambda text: text.count("-") < 2 and ":" not in text)
kinds: tuple[st.SearchStrategy[Operand], ...] = (numbers, st.dates(), not_dates)
keywords = st.sampled_from(Keyword)
durations = st.builds(Duration, st.integers(0, 999), st.sampled_from(("days", "hours", "minutes")))
moments = st.builds(Moment) | st.builds(Moment, st.sampled_from("+-"), durations)
lasts = st.builds(Call, st.just("last"), st.tuples(st.integers(1, 20).map(Decimal)) | st.just(()))
calls = st.builds(Call, st.sampled_from(("avg", "min", "max", "sum", "std", "median", "abs")), st.tuples(lasts)) | lasts
formulas = st.recursive(
    calls | numbers, lambda inner: st.builds(Arithmetic, st.sampled_from("+-*/"), inner, inner), max_leaves=4
)


@st.composite
def value_conditions(draw: st.DrawFn) -> Condition:
    literals = draw(st.sampled_from(kinds))
    if literals is not_dates:
        operator = draw(st.sampled_from(("=", "!=", "in", "not in")))
        count = draw(st.integers(1, 4)) if operator.endswith("in") else 1
        return Condition(operator, tuple(draw(st.lists(literals | keywords, min_size=count, max_size=count))))
    literals = literals if literals is numbers else literals | moments
    return draw(conditions(literals, literals | keywords))


@st.composite
def conditions(
    draw: st.DrawFn, literals: st.SearchStrategy[Operand], items: st.SearchStrategy[Operand] | None = None
) -> Condition:
    operator = draw(st.sampled_from((">", ">=", "<", "<=", "between", "not between", "=", "!=", "in", "not in")))
    if operator in ("in", "not in"):
        return Condition(operator, tuple(draw(st.lists(literals if items is None else items, min_size=1, max_size=4))))
    if operator in ("=", "!="):
        return Condition(operator, (draw(literals if items is None else items),))
    count = 2 if operator.endswith("between") else 1
    return Condition(operator, tuple(draw(literals) for _ in range(count)))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    name = draw(st.sampled_from([name for name, kind in RULE_TYPES.items() if kind.is_rule]))
    kind = RULE_TYPES[name]
    fixed = {"statement": ("select 1",), "reference": ("a,b", "ref.{c,d}"), "dataset": ("ref",), "pattern": ("a_.*",)}
    columns = fixed.get(kind.parameters) or draw(st.lists(names, min_size=kind.fewest, max_size=min(kind.most, 3)))
    number = conditions(formulas if kind.looks_back else numbers)
    condition = draw(
        {
            "nothing": st.none(),
            "a number": number,
            "a number or nothing": st.none() | number,
            "a type": st.sampled_from(("DATE", "DOUBLE")).map(lambda type_: Condition("=", (type_,))),
            "values": value_conditions(),
            "a duration": conditions(durations),
        }[kind.compares]
    )
    takes_threshold = kind.takes_threshold and (condition is None or name != "CustomSql")
    threshold = draw(st.none() | conditions(formulas)) if takes_threshold else None
    where = draw(st.none() | st.text(max_size=9)) if kind.takes_where else None
    return Rule(name, tuple(columns), condition, threshold, where)


def composites(inner: st.SearchStrategy[Rule | Composite]) -> st.SearchStrategy[Composite]:
    return st.builds(Composite, st.sampled_from(("and", "or")), st.lists(inner, min_size=2, max_size=3).map(tuple))


@pytest.mark.slow
@given(st.lists(st.recursive(rules(), composites, max_leaves=4), min_size=1, max_size=4))
def test_a_ruleset_written_and_read_is_the_same(written: list[Rule | Composite]) -> None:
    assert parse_ruleset(Ruleset(tuple(written)).text).rules == tuple(written)


@given(st.text(alphabet=' "\\#[](),=!<>-.+*/$\n09azRulesInlast', max_size=60))
def test_any_text_is_a_ruleset_or_a_ruleset_error(text: str) -> None:
    try:
        rules_read = parse_ruleset(f"Rules = [{text}]").rules
    except RulesetError:
        return
    assert rules_read
