"""Reads conditions: operator and operands, formulas on past runs, durations, `now()`."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from jobs.quality.language.conditions import EQUALITIES, ORDERS, PATTERNS, Condition
from jobs.quality.language.operands import ARGUMENTS, Arithmetic, Call, Duration, Keyword, Moment, Number, Operand
from jobs.quality.language.tokens import Reader, string_of

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIME_OF_DAY = re.compile(r"[0-9]{1,2}:[0-9]{2}( AM| PM)?")
UNITS = ("days", "hours", "minutes")
TYPES = ("BOOLEAN", "DATE", "TIMESTAMP", "INTEGER", "LONG", "FLOAT", "DOUBLE")
ORDERED = (*ORDERS, *EQUALITIES)
OPERATORS = {"a number": ORDERED, "a duration": ORDERED, "a type": ("=",), "values": (*ORDERED, *PATTERNS)}
OPERATORS["a number or nothing"] = ORDERED
MOST_DIGITS = 38
VALUES = 'a "string", a number, a "YYYY-MM-DD" date, now(), NULL, EMPTY, WHITESPACES_ONLY'


def condition_of(reader: Reader, name: str, compares: str, *, looks_back: bool) -> Condition:
    """The condition that comes next, for a rule type that compares these things. Raises RulesetError.

    looks_back: whether it may compare with past runs
    """
    operator = _operator(reader, OPERATORS[compares])
    raw = operator in PATTERNS
    if operator in ("in", "not in"):
        operands = _list(reader, compares, raw)
    else:
        operands = (_operand(reader, compares, raw),)
        if operator in ("between", "not between"):
            reader.expect("and", f"`{operator}` needs two bounds, `{operator} X and Y`; both are outside")
            operands += (_operand(reader, compares, raw),)
    condition = Condition(operator, operands)
    if condition.looks_back and not looks_back:
        raise reader.error(f"{name} can't be compared with past runs; write a number")
    return _typed(reader, condition, name, compares)


def _operator(reader: Reader, supported: Sequence[str]) -> str:
    for operator in sorted(supported, key=len, reverse=True):
        if reader.accept(*operator.split()):
            return operator
    problem = f"{reader.peek() or 'the end'} is not a supported operator; supported: {', '.join(supported)}"
    raise reader.error(problem)


def _list(reader: Reader, compares: str, raw: bool) -> tuple[Operand, ...]:
    reader.expect("[", 'a list is written `["a", "b"]`')
    operands = [_operand(reader, compares, raw)]
    while reader.accept(","):
        operands.append(_operand(reader, compares, raw))
    reader.expect("]", f"{reader.peek() or 'the end'} stands where `,` or `]` ends an item of the list")
    return tuple(operands)


def _operand(reader: Reader, compares: str, raw: bool) -> Operand:
    text = reader.peek()
    if reader.next_is("string"):
        token = reader.take()
        return token.text[1:-1] if raw else _literal(reader, token.text[1:-1], string_of(token))
    if not raw and text.upper() in Keyword.__members__ and text in (text.upper(), text.lower()):
        return Keyword[reader.take().text.upper()]
    if not raw and text and compares == "a duration":
        return _duration(reader)
    if not raw and (text == "now" or (text == "(" and reader.peek(1) == "now")):
        return _moment(reader)
    if not text:
        raise reader.error("a value is missing at the end")
    if raw or not (reader.next_is("number") or text in ("-", "(") or text in ARGUMENTS):
        kinds = "a quoted pattern" if raw else VALUES
        raise reader.error(f"{text} is not a supported value; supported: {kinds}")
    return _formula(reader)


def _formula(reader: Reader) -> Number:
    number, before = _term(reader), ""
    while reader.peek() and reader.peek() in "+-*/":
        operator = reader.take().text
        if before in ("+", "-") and operator in "*/":
            raise reader.error(f"write parentheses, as DQDL computes from left to right: 1 {before} (2 {operator} 3)")
        number, before = Arithmetic(operator, number, _term(reader)), operator
    return number


def _term(reader: Reader) -> Number:
    if reader.accept("("):
        number = _formula(reader)
        reader.expect(")", f"{reader.peek() or 'the end'} stands where `)` ends a formula")
        return number
    sign = "-" if reader.accept("-") else ""
    token = reader.take()
    if token.kind == "number" and len(token.text) + len(sign) <= MOST_DIGITS:
        return Decimal(sign + token.text)
    if token.text not in ARGUMENTS or sign:
        reader.position -= 1
        raise reader.error(f"{token.text} is not a supported value; supported: {VALUES}")
    return _call(reader, token.text)


def _call(reader: Reader, name: str) -> Call:
    reader.expect("(", f"{name} is a function: {name}(…)")
    arguments: list[Number] = []
    while not reader.accept(")"):
        if arguments:
            reader.expect(",", f"{reader.peek() or 'the end'} stands where `)` ends the arguments of {name}")
        arguments.append(_formula(reader))
    fewest, most = ARGUMENTS[name]
    if not fewest <= len(arguments) <= most:
        raise reader.error(f"{name} takes {fewest if fewest == most else 'at most 1'} argument, not {len(arguments)}")
    return Call(name, tuple(arguments))


def _duration(reader: Reader) -> Duration:
    token = reader.take()
    if not token.text.isdigit() or reader.peek() not in UNITS:
        raise reader.error(f"{token.text} is not a duration; write a whole number and a unit: 24 hours, 3 days")
    return Duration(int(token.text), reader.take().text)


def _moment(reader: Reader) -> Moment:
    opened = reader.accept("(")
    if not reader.accept("now", "(", ")"):
        raise reader.error("now is written `now()`, or `(now() - 3 days)`")
    moment = Moment()
    if opened and reader.peek() in ("-", "+"):
        moment = Moment(reader.take().text, _duration(reader))
    if opened:
        reader.expect(")", "a moment is written `(now() - 3 days)`")
    return moment


def _literal(reader: Reader, quoted: str, text: str) -> Operand:
    if TIME_OF_DAY.fullmatch(quoted):
        raise reader.error(f'"{quoted}" is a time of day to DQDL, which is not supported; compare with a date')
    if not DATE.fullmatch(quoted):
        return text
    try:
        return date.fromisoformat(quoted)
    except ValueError:
        raise reader.error(f'"{quoted}" is no day of the calendar') from None


def _typed(reader: Reader, condition: Condition, name: str, compares: str) -> Condition:
    """The condition, if its operands are of a kind that the rule type compares."""
    operands, numbers = condition.operands, (Decimal, Call, Arithmetic)
    if compares.startswith("a number") and not all(isinstance(operand, numbers) for operand in operands):
        raise reader.error(f"{name} compares numbers, not: {condition.text}")
    if compares == "a duration" and not all(isinstance(operand, Duration) for operand in operands):
        raise reader.error(f"{name} compares durations (24 hours), not: {condition.text}")
    if compares == "a type":
        named = str(operands[0]).upper()
        if named not in TYPES:
            raise reader.error(f"{condition.text} names no type of DQDL; supported: {', '.join(TYPES)}")
        return Condition("=", (named,))
    ordered = (*numbers, date, Moment, Duration)
    if condition.operator in ORDERS and not all(isinstance(operand, ordered) for operand in operands):
        raise reader.error(f"`{condition.operator}` compares numbers or dates, not: {condition.text}")
    if len({_kind(operand) for operand in operands if not isinstance(operand, Keyword)}) > 1:
        raise reader.error(f"values of one rule must be of one kind, not: {condition.text}")
    return condition


def _kind(operand: Operand) -> str:
    if isinstance(operand, (Decimal, Call, Arithmetic)):
        return "number"
    return "time" if isinstance(operand, (date, Moment)) else type(operand).__name__
