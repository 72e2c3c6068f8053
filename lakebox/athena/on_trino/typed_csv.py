"""Tables of OpenCSVSerde whose columns are no text: Athena converts their values, Trino leaves them text.

So where a statement reads such a table, Trino gets a SELECT that converts, in the table's place.
"""

from collections.abc import Iterator, Sequence

from lakebox.athena.service.kinds import words_of
from lakebox.athena.tables.catalog_tables import CatalogTable, CatalogTables
from lakebox.athena.tables.hive_types import HiveType, athena_name

OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
TEXTS = ("string", "varchar", "char")
ENDS_FROM = {"SELECT", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FETCH", "UNION", "EXCEPT", "INTERSECT",
             "WINDOW", "WHEN"}  # fmt: skip
NO_ALIAS = ENDS_FROM | {
    "ON",
    "USING",
    "JOIN",
    "INNER",
    "LEFT",
    "RIGHT",
    "FULL",
    "CROSS",
    "NATURAL",
    "TABLESAMPLE",
    "FOR",
}
NO_TABLES = {"SELECT", "WITH", "VALUES", "TABLE", "UNNEST", "LATERAL"}
Named = tuple[int, int, list[str], bool]  # where a table's name starts and ends, its parts, whether an alias follows


def converted(sql: str, database: str, tables: CatalogTables) -> str:
    """A statement with such tables replaced; as it is where it reads none."""
    parts, end = [], 0
    for start, stop, names, has_alias in _named_tables(sql):
        table = tables.table(names[-2] if len(names) > 1 else database, names[-1]) if len(names) < 4 else None
        if table is None or not is_typed_csv(table):
            continue
        alias = "" if has_alias else f' AS "{table.name}"'
        parts += [sql[end:start], f"({_select(table, sql[start:stop])}){alias}"]
        end = stop
    return "".join(parts) + sql[end:]


def is_typed_csv(table: CatalogTable) -> bool:
    """Whether Trino would leave columns text that Athena converts."""
    library = table.storage.get("SerdeInfo", {}).get("SerializationLibrary")
    return library == OPEN_CSV and any(kind.name not in TEXTS for kind in table.columns.values())


def _select(table: CatalogTable, name: str) -> str:
    columns = [f"{_conversion(column, kind)} AS {_quoted(column)}" for column, kind in table.columns.items()]
    return f"SELECT {', '.join([*columns, *map(_quoted, table.keys)])} FROM {name}"  # noqa: S608 names of the catalog's


def _conversion(column: str, kind: HiveType) -> str:
    name = _quoted(column)
    if kind.name in TEXTS:
        return name
    if kind.name == "timestamp":  # milliseconds since 1970, or a time's text
        number = f"date_add('millisecond', CAST({name} AS bigint), TIMESTAMP '1970-01-01 00:00:00')"
        return f"IF(regexp_like({name}, '^-?[0-9]+$'), {number}, CAST({name} AS timestamp(3)))"
    return f"CAST({name} AS {athena_name(kind)})"


def _named_tables(sql: str) -> Iterator[Named]:
    """The tables that FROM, JOIN and MERGE … USING name, but for names that WITH gives."""
    words = list(words_of(sql))
    texts = [word.upper() for word, _ in words]
    given = {words[n][0].strip('"').lower() for n in range(len(words) - 2) if texts[n + 1 : n + 3] == ["AS", "("]}
    in_from, is_next = [False], False  # of each pair of parentheses; whether a table's name is next
    number = 0
    while number < len(words):
        text, number = texts[number], number + 1
        if text == "(":
            in_from.append(is_next)
        elif text == ")" and len(in_from) > 1:
            in_from.pop()
        elif text in ("FROM", "JOIN", "USING", ","):
            is_next = _names_a_table(texts, number - 1, in_from[-1])
            in_from[-1] |= text == "FROM" and is_next
        elif text in ENDS_FROM:
            in_from[-1] = False
        if text in NO_TABLES:
            is_next = False
        if not is_next or number >= len(words) or texts[number] in NO_TABLES or not _is_name(words[number][0]):
            continue
        names, after = _dotted(words, number)
        has_alias = after < len(words) and _is_name(words[after][0]) and texts[after] not in NO_ALIAS
        if texts[after : after + 1] != ["("] and (len(names) > 1 or names[0] not in given):
            last, at = words[after - 1]
            yield words[number][1], at + len(last), names, has_alias
        number, is_next = after, False


def _names_a_table(texts: Sequence[str], number: int, in_from: bool) -> bool:
    """Whether a table's name comes after FROM, JOIN, USING or a comma."""
    if texts[number] == ",":
        return in_from
    if texts[number] == "USING":
        return texts[number + 1 : number + 2] != ["("]
    before = texts[max(number - 3, 0) : number]
    return before[-1:] != ["DISTINCT"] and before[:2] not in (["EXTRACT", "("], ["TRIM", "("])


def _dotted(words: Sequence[tuple[str, int]], number: int) -> tuple[list[str], int]:
    """The parts of a name that starts at a word, and the number of the word after it."""
    names: list[str] = []
    while number < len(words) and _is_name(words[number][0]):
        names.append(words[number][0].strip('"').lower())
        number += 1
        if number >= len(words) or words[number][0] != ".":
            break
        number += 1
    return names, number


def _is_name(word: str) -> bool:
    return word.startswith('"') or word[:1].isalpha() or word[:1] == "_"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
