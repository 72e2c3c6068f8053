"""A parser of Athena's queries that leaves the functions of the tables as they are written."""

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.parsers.athena import AthenaTrinoParser
from sqlglot.tokenizer_core import Token

from lakebox.athena.dialect.functions.calls import CALLS

TABLED = {name.upper() for name in CALLS}


class Queries(Trino):
    """sqlglot's Trino, which would write a[i] as a[i - 1] where it takes i for an integer."""

    INDEX_OFFSET = 0


class QueryParser(AthenaTrinoParser):
    """sqlglot's parser, which would give those functions the meaning of other engines' functions of the name."""

    FUNCTIONS = {name: build for name, build in AthenaTrinoParser.FUNCTIONS.items() if name not in TABLED}  # noqa: RUF012
    FUNCTION_PARSERS = {  # noqa: RUF012 as sqlglot declares it
        name: parse
        for name, parse in AthenaTrinoParser.FUNCTION_PARSERS.items()
        if name == "NORMALIZE" or name not in TABLED
    }


def query_trees(tokens: list[Token], sql: str) -> list[exp.Expr | None]:
    """The trees of a text's statements; a subscript is as it is written."""
    trees = QueryParser(dialect=Queries()).parse(tokens, sql)
    for tree in trees:
        for node in tree.find_all(exp.Bracket) if tree is not None else ():
            node.set("offset", 1)
    return trees
