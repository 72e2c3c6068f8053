"""`UNNEST(rows) AS t (r)`: Athena gives whole rows, Trino a column for each field, and says that names are missing.

Where Trino says so, each array of that UNNEST becomes one of rows that have the element as their only field.
"""

import re

from lakebox.athena.service.kinds import words_of
from lakebox.athena.service.statement import StatementError

MISSING = re.compile(r"Column alias list has \d+ entries but '(.*)' has \d+ columns available")
MARK = "lakebox_element"
Words = list[tuple[str, int]]


def with_whole_rows(sql: str, error: StatementError) -> str | None:
    """A statement with the UNNEST of which an error tells written so; None where it tells of none."""
    told = MISSING.search(error.message)
    words: Words = list(words_of(sql))
    for number in range(len(words)) if told else ():
        if words[number][0].upper() != "UNNEST" or [word for word, _ in words[number + 1 : number + 2]] != ["("]:
            continue
        arguments, after = _arguments(words, number + 1)
        alias, names = _alias(words, after)
        texts = [sql[start:end].strip() for start, end in arguments]
        if told and alias == told[1].lower() and names == len(texts) and not any(MARK in text for text in texts):
            wrapped = ", ".join(f"transform({text}, {MARK} -> ROW({MARK}))" for text in texts)
            return sql[: arguments[0][0]] + wrapped + sql[arguments[-1][1] :]
    return None


def _arguments(words: Words, opening: int) -> tuple[list[tuple[int, int]], int]:
    """Where each part in parentheses starts and ends in the text, and the number of the word behind them."""
    depth, found, start = 0, [], words[opening][1] + 1
    for number in range(opening, len(words)):
        word, at = words[number]
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(word, 0)
        if depth == 0 or (depth == 1 and word == ","):
            found.append((start, at))
            start = at + 1
        if depth == 0:
            return found, number + 1
    return found, len(words)


def _alias(words: Words, number: int) -> tuple[str, int]:
    """The name after UNNEST(…), and the count of columns that it names, that of the ordinality left out."""
    texts = [word.upper() for word, _ in words[number : number + 3]]
    ordinality = texts[:2] == ["WITH", "ORDINALITY"]
    number += 2 if ordinality else 0
    number += 1 if [word.upper() for word, _ in words[number : number + 1]] == ["AS"] else 0
    if number + 1 >= len(words) or words[number + 1][0] != "(":
        return "", 0
    columns, _ = _arguments(words, number + 1)
    return words[number][0].strip('"').lower(), len(columns) - ordinality
