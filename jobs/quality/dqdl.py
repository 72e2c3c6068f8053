"""Rulesets in DQDL, the language of AWS Glue Data Quality: text -> Ruleset.

The grammar is AWS's own (github.com/awslabs/dqdl); of it this module takes the rule types in RULE_TYPES, one rule at a
time. All else that DQDL knows (composite rules, `where`, labels, tags, variables, `now()`, times of day, functions,
analyzers) is refused when the text is read: what can't be checked is never passed.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from catalog.tables import Table
from jobs.quality.rules import (
    EQUALITIES,
    ORDERS,
    PATTERNS,
    READABLE_AS,
    RULE_TYPES,
    Condition,
    Keyword,
    Operand,
    Rule,
    Ruleset,
    RuleType,
    obstacle,
)
from jobs.quality.tokens import RulesetError, Token, end_of_rule, tokens_of

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIME_OF_DAY = re.compile(r"[0-9]{1,2}:[0-9]{2}( AM| PM)?")
OPERATORS = {
    "nothing": (),
    "a number": (*ORDERS, *EQUALITIES),
    "a type": ("=",),
    "values": (*ORDERS, *EQUALITIES, *PATTERNS),
}
MOST_DIGITS = 38
NO_COLUMN = ("between", "not", "in", "matches", "where", "labels", "with", "and", "AND", "or", "OR")
VALUES = 'a "string", a number, a "YYYY-MM-DD" date, NULL, EMPTY, WHITESPACES_ONLY'
COMPOSITE = "composite rules are not supported: write each rule on its own"
UNSUPPORTED = {
    "(": COMPOSITE,
    "where": "`where` clauses are not supported: the rule would have to hold for all rows",
    "labels": "labels are not supported: leave them out",
    "with": "the only `with` clause that is supported is `with threshold`, for ColumnValues and ColumnDataType",
    "and": COMPOSITE,
    "or": COMPOSITE,
}


def load_ruleset(text: str, table: Table) -> Ruleset:
    """The rules of a table: parse_ruleset, and each rule's columns held against the table's columns and types.

    Raises RulesetError, also for a column that the table doesn't have or whose type the rule can't read.
    """
    ruleset = parse_ruleset(text)
    types = {column.name: column.type for column in (*table.columns, *table.partitions)}
    for rule in ruleset.rules:
        problem = obstacle(rule, types)
        if problem:
            raise RulesetError(rule.line, rule.text, f"{table.name}: {problem}")
    return ruleset


def parse_ruleset(text: str) -> Ruleset:
    """DQDL's text to rules, whatever table they are for.

    Raises RulesetError for a rule type, operator or syntax that is not supported, and for a ruleset without rules.
    """
    tokens = tokens_of(text)
    if [token.text for token in tokens[:3]] != ["Rules", "=", "["]:
        raise RulesetError(1, "", "it must start with `Rules = [`; other sections of DQDL are not supported")
    rules: list[Rule] = []
    position = 3
    while not rules or tokens[position - 1].text == ",":
        end = end_of_rule(tokens, position)
        rules.append(_Reader(text, tokens[position:end]).rule())
        position = end + 1
    if len(tokens) > position:
        raise RulesetError(tokens[position].line, "", f"{tokens[position].text!r} follows the closing bracket")
    return Ruleset(tuple(rules))


class _Reader:
    """Reads one rule from its tokens."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self.tokens, self.position = tokens, 0
        last = tokens[-1]
        self.source = " ".join(text[tokens[0].start : last.start + len(last.text)].split())

    def rule(self) -> Rule:
        name = self.peek()
        self._refuse_unsupported()
        if name not in RULE_TYPES:
            raise self.error(f"rule type {name} is not supported; supported: {', '.join(RULE_TYPES)}")
        self.position += 1
        kind = RULE_TYPES[name]
        columns = self._columns(name, kind)
        condition = None if kind.compares == "nothing" else self._condition(kind)
        threshold = self._threshold() if kind.takes_threshold else None
        self._refuse_unsupported()
        if self.position < len(self.tokens):
            raise self.error(f"{self.peek()} is not expected there: {name} compares {kind.compares}")
        return Rule(name, columns, condition, threshold, self.tokens[0].line)

    def peek(self) -> str:
        return self.tokens[self.position].text if self.position < len(self.tokens) else ""

    def error(self, problem: str) -> RulesetError:
        token = self.tokens[min(self.position, len(self.tokens) - 1)]
        return RulesetError(token.line, self.source, problem)

    def accept(self, *texts: str) -> bool:
        """Step over these tokens if they come next."""
        found = tuple(token.text for token in self.tokens[self.position : self.position + len(texts)]) == texts
        self.position += len(texts) if found else 0
        return found

    def _refuse_unsupported(self) -> None:
        problem = UNSUPPORTED.get(self.peek()) or UNSUPPORTED.get(self.peek().lower())
        if problem:
            raise self.error(problem)

    def _columns(self, name: str, kind: RuleType) -> tuple[str, ...]:
        columns = []
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            if token.kind == "string":
                columns.append(token.text[1:-1])
            elif token.kind == "word" and token.text not in NO_COLUMN:
                columns.append(token.text)
            else:
                break
            self.position += 1
        if not kind.fewest_columns <= len(columns) <= kind.most_columns:
            wanted = "no column" if kind.most_columns == 0 else "one column"
            raise self.error(f"{name} takes {'at least ' if kind.most_columns > 1 else ''}{wanted}, not {len(columns)}")
        return tuple(columns)

    def _condition(self, kind: RuleType) -> Condition:
        operator = self._operator(OPERATORS[kind.compares])
        raw = operator in PATTERNS
        if operator in ("in", "not in"):
            operands = self._list(raw)
        else:
            operands = (self._operand(raw),)
            if operator in ("between", "not between"):
                if not self.accept("and"):
                    raise self.error(f"`{operator}` needs two bounds, `{operator} X and Y`; both are outside")
                operands += (self._operand(raw),)
        return self._typed(Condition(operator, operands), kind)

    def _operator(self, supported: Sequence[str]) -> str:
        for operator in sorted(supported, key=len, reverse=True):
            if self.accept(*operator.split()):
                return operator
        raise self.error(f"{self.peek() or 'the end'} is not a supported operator; supported: {', '.join(supported)}")

    def _list(self, raw: bool) -> tuple[Operand, ...]:
        if not self.accept("["):
            raise self.error('a list is written `["a", "b"]`')
        operands = [self._operand(raw)]
        while self.accept(","):
            operands.append(self._operand(raw))
        if not self.accept("]"):
            raise self.error(f"{self.peek() or 'the end'} stands where `,` or `]` ends an item of the list")
        return tuple(operands)

    def _operand(self, raw: bool) -> Operand:
        if self.position >= len(self.tokens):
            raise self.error("a value is missing at the end")
        token = self.tokens[self.position]
        operand: Operand | None = None
        if token.kind == "string":
            operand = token.text[1:-1] if raw else self._literal(token.text[1:-1])
        elif token.kind == "number" and not raw and len(token.text) <= MOST_DIGITS:
            operand = Decimal(token.text)
        elif token.text.upper() in Keyword.__members__ and token.text in (token.text.upper(), token.text.lower()):
            operand = None if raw else Keyword[token.text.upper()]
        if operand is None:
            kinds = "a quoted pattern" if raw else VALUES
            raise self.error(f"{token.text} is not a supported value; supported: {kinds}")
        self.position += 1
        return operand

    def _literal(self, quoted: str) -> Operand:
        if TIME_OF_DAY.fullmatch(quoted):
            raise self.error(f'"{quoted}" is a time of day to DQDL, which is not supported; compare with a date')
        if not DATE.fullmatch(quoted):
            return re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)
        try:
            return date.fromisoformat(quoted)
        except ValueError:
            raise self.error(f'"{quoted}" is no day of the calendar') from None

    def _typed(self, condition: Condition, kind: RuleType) -> Condition:
        """The condition, if its operands are of a kind that the rule type compares."""
        operands = condition.operands
        if kind.compares == "a number" and not all(isinstance(operand, Decimal) for operand in operands):
            raise self.error(f"{self.tokens[0].text} compares numbers, not: {condition.text}")
        if kind.compares == "a type":
            name = str(operands[0]).upper()
            if name not in READABLE_AS["text"]:
                raise self.error(f"{condition.text} names no type of DQDL; supported: {', '.join(READABLE_AS['text'])}")
            return Condition("=", (name,))
        if condition.operator in ORDERS and not all(isinstance(operand, (Decimal, date)) for operand in operands):
            raise self.error(f"`{condition.operator}` compares numbers or dates, not: {condition.text}")
        if len({type(operand) for operand in operands if not isinstance(operand, Keyword)}) > 1:
            raise self.error(f"values of one rule must be of one kind, not: {condition.text}")
        return condition

    def _threshold(self) -> Condition | None:
        if not self.accept("with", "threshold"):
            return None
        return self._condition(RULE_TYPES["RowCount"])
