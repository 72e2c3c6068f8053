"""The text of a DQDL ruleset as tokens, and the error that names a place in it."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from jobs.lake.errors import LakeboxError

TOKEN = re.compile(
    r"""(?P<space>(?:\s|\#[^\n]*)+)
      | (?P<string>"(?:\\.|[^"\\])*")
      | (?P<number>\d+(?:\.\d+)?(?![\w.]))
      | (?P<word>[A-Za-z0-9_.]+)
      | (?P<mark>!=|>=|<=|[=<>\[\](),+*/$:{}-])
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


class Reader:
    """Walks over tokens. Errors name the line and, where it is known, the rule that is read."""

    def __init__(self, tokens: Sequence[Token], source: str = "") -> None:
        self.tokens, self.source, self.position = tokens, source, 0

    def peek(self, ahead: int = 0) -> str:
        """The text of the next token, or of one after it; empty at the end."""
        place = self.position + ahead
        return self.tokens[place].text if place < len(self.tokens) else ""

    def next_is(self, kind: str) -> bool:
        """Whether the next token is a string, number, word or mark."""
        return self.position < len(self.tokens) and self.tokens[self.position].kind == kind

    def take(self) -> Token:
        """Step over the next token. Raises RulesetError at the end."""
        if self.position >= len(self.tokens):
            raise self.error("a value is missing at the end")
        self.position += 1
        return self.tokens[self.position - 1]

    def accept(self, *texts: str) -> bool:
        """Step over these tokens if they come next."""
        found = tuple(token.text for token in self.tokens[self.position : self.position + len(texts)]) == texts
        self.position += len(texts) if found else 0
        return found

    def expect(self, text: str, problem: str) -> None:
        """Step over this token. Raises RulesetError with the problem where another one comes."""
        if not self.accept(text):
            raise self.error(problem)

    def error(self, problem: str) -> RulesetError:
        """The error for the next token's line."""
        line = self.tokens[min(self.position, len(self.tokens) - 1)].line if self.tokens else 1
        return RulesetError(line, self.source, problem)


def string_of(token: Token) -> str:
    """What a quoted token says."""
    return re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL)


def source_of(text: str, tokens: Sequence[Token]) -> str:
    """The text of some tokens as it was written, on one line."""
    last = tokens[-1]
    return " ".join(text[tokens[0].start : last.start + len(last.text)].split())


def _line_of(text: str, position: int) -> str:
    return text[text.rfind("\n", 0, position) + 1 :].split("\n", 1)[0].strip()


def end_of_item(tokens: Sequence[Token], start: int) -> int:
    """Index of the comma or bracket that ends an item of a list; RulesetError where there is none, or no end."""
    brackets = parentheses = 0
    for index, token in enumerate(tokens[start:], start):
        if brackets == 0 and (token.text == "]" or (token.text == "," and parentheses == 0)):
            if index > start:
                return index
            raise RulesetError(token.line, "", "there is no rule here: name at least one, and none after a last comma")
        brackets += (token.text == "[") - (token.text == "]")
        parentheses += (token.text == "(") - (token.text == ")")
    raise RulesetError(tokens[-1].line, "", "the closing bracket `]` is missing")
