"""The text of a DQDL ruleset as tokens, and the error that names a place in it."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from jobs.lake.errors import LakeboxError

TOKEN = re.compile(
    r"""(?P<space>(?:\s|\#[^\n]*)+)
      | (?P<string>"(?:\\.|[^"\\])*")
      | (?P<number>-?\d+(?:\.\d+)?(?![\w.]))
      | (?P<word>[A-Za-z0-9_.]+)
      | (?P<mark>!=|>=|<=|[=<>\[\](),])
      | (?P<stray>.)""",
    re.VERBOSE | re.DOTALL,
)


class RulesetError(LakeboxError, ValueError):
    """A ruleset that can't be checked: names the line, the rule, what is wrong and what is supported."""

    def __init__(self, line: int, rule: str, problem: str) -> None:
        super().__init__(f"line {line} of the DQDL ruleset: {problem} (in: {rule or 'the ruleset'})")
        self.line, self.rule, self.problem = line, rule, problem


class Token(NamedTuple):
    """A word, number, string or mark of the text, where it starts and on which line, from 1."""

    kind: str
    text: str
    start: int
    line: int


def tokens_of(text: str) -> list[Token]:
    """All tokens, comments and spaces left out; raises RulesetError at a sign that is none of DQDL's."""
    tokens, line = [], 1
    for match in TOKEN.finditer(text):
        kind, found = str(match.lastgroup), match.group()
        if kind == "stray":
            raise RulesetError(
                line, _line_of(text, match.start()), f"{found!r} is not a sign of the DQDL supported here"
            )
        if kind != "space":
            tokens.append(Token(kind, found, match.start(), line))
        line += found.count("\n")
    return tokens


def _line_of(text: str, position: int) -> str:
    return text[text.rfind("\n", 0, position) + 1 :].split("\n", 1)[0].strip()


def end_of_rule(tokens: Sequence[Token], start: int) -> int:
    """Index of the comma or bracket that ends the rule; raises RulesetError where there is no rule or no end."""
    depth = 0
    for index, token in enumerate(tokens[start:], start):
        if depth == 0 and token.text in (",", "]"):
            if index > start:
                return index
            problem = "there is no rule here: name at least one, and none after a last comma"
            raise RulesetError(token.line, "", problem)
        depth += (token.text in ("[", "(")) - (token.text in ("]", ")"))
    raise RulesetError(tokens[-1].line, "", "the closing bracket `]` is missing")
