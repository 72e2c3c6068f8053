"""The words of a statement in Hive's grammar, read one after the other; errors say where, as Athena's do."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from lakebox.athena.engine import SqlError

T = TypeVar("T")
WORD = re.compile(
    r"""(?P<skip>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<text>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*")
    |(?P<quoted>`(?:[^`]|``)*`)
    |(?P<plain>[A-Za-z_$][\w$]*)
    |(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[A-Za-z_]*\w*)
    |(?P<sign><=|>=|<>|!=|.)""",
    re.VERBOSE | re.DOTALL,
)
CONTROLS = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"}


@dataclass(frozen=True)
class Word:
    """A word: how it is written, its kind (text, quoted, plain, number, sign), and where it starts."""

    text: str
    kind: str
    start: int


class Words:
    """A statement's words from left to right."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self._words = [
            Word(match[0], match.lastgroup or "sign", match.start())
            for match in WORD.finditer(sql)
            if match.lastgroup != "skip"
        ]
        self._next = 0

    def peek(self, ahead: int = 0) -> str:
        """A word that is to come, in upper case where it is plain; "" at the end."""
        place = self._next + ahead
        if place >= len(self._words):
            return ""
        word = self._words[place]
        return word.text.upper() if word.kind == "plain" else word.text

    def accept(self, *words: str) -> bool:
        """Whether these words come next; then they are read."""
        if any(self.peek(number) != word for number, word in enumerate(words)):
            return False
        self._next += len(words)
        return True

    def expect(self, *words: str) -> None:
        """Read these words; raises SqlError where others come."""
        for word in words:
            if not self.accept(word):
                raise self.wrong(word)

    def end(self) -> None:
        """Raise SqlError where words are left."""
        self.accept(";")
        if self._next < len(self._words):
            raise self.wrong("the end of the statement")

    def rest(self) -> str:
        """The text that is left; all of it is read."""
        start = self.start()
        self._next = len(self._words)
        return self.sql[start:].strip().removesuffix(";").strip()

    def start(self) -> int:
        """Where the next word starts in the text."""
        return self._words[self._next].start if self._next < len(self._words) else len(self.sql)

    def between(self, start: int) -> str:
        """The text from a start to the end of the last word that was read."""
        last = self._words[self._next - 1]
        return self.sql[start : last.start + len(last.text)].strip()

    def skip(self) -> None:
        """Leave a word aside."""
        self._next += 1

    def take(self) -> str:
        """Read the next word."""
        self._next += 1
        return self.peek(-1)

    def name(self) -> str:
        """A name: plain, or in backticks or double quotes."""
        word = self._take("a name")
        if word.kind == "quoted" or (word.kind == "text" and word.text.startswith('"')):
            return word.text[1:-1].replace(word.text[0] * 2, word.text[0])
        if word.kind not in ("plain", "number"):
            self._next -= 1
            raise self.wrong("a name")
        return word.text

    def table_name(self) -> tuple[str | None, str]:
        """[catalog.][database.]table, as (database or None, table)."""
        parts = [self.name()]
        while self.accept("."):
            parts.append(self.name())
        if len(parts) == 1 and "." in parts[0]:  # `database.table`, which Athena's documentation writes
            parts = parts[0].split(".", 1)
        if len(parts) == 3 and parts[0].lower() not in ("awsdatacatalog", "lakehouse"):
            raise SqlError(f"Catalog '{parts[0]}' does not exist; there is awsdatacatalog", "CATALOG_NOT_FOUND")
        return (parts[-2] if len(parts) > 1 else None), parts[-1]

    def string(self) -> str:
        """A text in quotes, its escapes (\\t, \\001, \\u0001, \\\\) as what they stand for."""
        word = self._take("a text in quotes")
        if word.kind != "text":
            self._next -= 1
            raise self.wrong("a text in quotes")
        inner = word.text[1:-1].replace(word.text[0] * 2, word.text[0])
        return re.sub(r"\\(u[0-9a-fA-F]{4}|[0-3][0-7]{2}|.)", _unescaped, inner, flags=re.DOTALL)

    def value(self) -> str:
        """A text or a number, as text."""
        return self.string() if self._is("text") else self._take("a value").text

    def number(self) -> int:
        """A whole number."""
        if not self.peek().isdigit():
            raise self.wrong("a number")
        return int(self._take("a number").text)

    def listed(self, item: Callable[[], T]) -> list[T]:
        """( item, item, … )"""
        self.expect("(")
        items = [item()]
        while self.accept(","):
            items.append(item())
        self.expect(")")
        return items

    def properties(self) -> dict[str, str]:
        """( 'name'='value', … ), as Hive writes properties."""

        def pair() -> tuple[str, str]:
            name = self.string() if self._is("text") else self.name()
            self.expect("=")
            return name, self.value()

        return dict(self.listed(pair))

    def type_text(self) -> str:
        """A column's type, up to the comma or parenthesis that ends it."""
        start, depth = self.start(), 0
        while self.peek() and not (depth == 0 and self.peek() in (",", ")", "COMMENT", "AFTER", "FIRST")):
            depth += {"<": 1, "(": 1, ">": -1, ")": -1}.get(self.peek(), 0)
            self._next += 1
        if self.start() == start:
            raise self.wrong("a type")
        return self.between(start)

    def until(self, *stops: str) -> str:
        """The text before one of these words, which stands outside of parentheses and CASE … END, or to the end."""
        start, depth = self.start(), 0
        while self.peek() and not (depth == 0 and self.peek() in (*stops, ";")):
            depth += {"(": 1, "[": 1, "CASE": 1, ")": -1, "]": -1, "END": -1}.get(self.peek(), 0)
            self._next += 1
        if self.start() == start:
            raise self.wrong("an expression")
        return self.between(start)

    def enclosed(self) -> str:
        """A text in parentheses, with them."""
        start = self.start()
        self.expect("(")
        self.until(")")
        self.expect(")")
        return self.between(start)

    def assignments(self, stop: str) -> dict[str, str]:
        """column = expression, … up to a word or the end."""
        values = {}
        while True:
            name = self.name().lower()
            self.expect("=")
            values[name] = self.until(",", stop)
            if not self.accept(","):
                return values

    def wrong(self, wanted: str) -> SqlError:
        """The error for a word in a wrong place."""
        start = self.start()
        line = self.sql.count("\n", 0, start) + 1
        column = start - (self.sql.rfind("\n", 0, start) + 1) + 1
        found = f"'{self._words[self._next].text}'" if self._next < len(self._words) else "'<EOF>'"
        return SqlError(f"line {line}:{column}: mismatched input {found}. Expecting: {wanted}", "SYNTAX_ERROR")

    def _is(self, kind: str) -> bool:
        return self._next < len(self._words) and self._words[self._next].kind == kind

    def _take(self, wanted: str) -> Word:
        if self._next >= len(self._words):
            raise self.wrong(wanted)
        self._next += 1
        return self._words[self._next - 1]


def _unescaped(match: "re.Match[str]") -> str:
    escape = match[1]
    if escape[0] == "u" and len(escape) == 5:
        return chr(int(escape[1:], 16))
    if len(escape) == 3:
        return chr(int(escape, 8))
    return CONTROLS.get(escape, escape)
