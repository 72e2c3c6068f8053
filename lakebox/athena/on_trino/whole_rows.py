"""`UNNEST(rows) AS t (r)`: Athena gives whole rows, Trino a column for each field.

So each array of an UNNEST with a name for each array becomes one of rows that have the element as their only field.
"""

from lakebox.athena.service.kinds import words_of

ELEMENT = "lakebox_element"
Words = list[tuple[str, int]]


def with_whole_rows(sql: str) -> str:
    """A statement with its UNNESTs written so."""
    words: Words = list(words_of(sql))
    parts, end = [], 0
    for number, (word, place) in enumerate(words):
        if place < end or word.upper() != "UNNEST" or [sign for sign, _ in words[number + 1 : number + 2]] != ["("]:
            continue
        arguments, after = _arguments(words, number + 1)
        if _names(words, after) == len(arguments):
            for start, stop in arguments:
                text = sql[start:stop]
                gap = len(text) - len(text.lstrip())
                inner = with_whole_rows(text.strip())
                parts += [sql[end : start + gap], f"transform({inner}, {ELEMENT} -> ROW({ELEMENT}))"]
                end = stop
    return "".join(parts) + sql[end:]


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


def _names(words: Words, number: int) -> int:
    """The count of columns that the alias after UNNEST(…) names, that of the ordinality left out."""
    texts = [word.upper() for word, _ in words[number : number + 2]]
    ordinality = texts == ["WITH", "ORDINALITY"]
    number += 2 if ordinality else 0
    number += 1 if [word.upper() for word, _ in words[number : number + 1]] == ["AS"] else 0
    if number + 1 >= len(words) or words[number + 1][0] != "(":
        return 0
    columns, _ = _arguments(words, number + 1)
    return len(columns) - ordinality
