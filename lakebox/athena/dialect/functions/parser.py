"""A parser of Athena's queries that leaves the functions of the tables as they are written."""

from collections.abc import Sequence

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.helper import seq_get
from sqlglot.parsers.athena import AthenaTrinoParser
from sqlglot.tokenizer_core import Token, TokenType

from lakebox.athena.dialect.forms.zones import zoned
from lakebox.athena.dialect.functions.agreeing import ON_STACK
from lakebox.athena.dialect.functions.calls import CALLS
from lakebox.athena.dialect.functions.joda import strftime_pattern
from lakebox.athena.dialect.types import JSON_MEMBER
from lakebox.athena.engine import SqlError

TABLED = {name.upper() for name in CALLS}


MAKE_JSON = ("json_object", "json_array", "json_query")


def _texts(values: Sequence[exp.Expr | None]) -> exp.Expr:
    """An array of texts."""
    kind = exp.DataType.build("ARRAY<VARCHAR>", dialect="duckdb")
    array = exp.Array(expressions=list(values))
    return array if values else exp.Cast(this=array, to=kind)


class Queries(Trino):
    """sqlglot's Trino, which would write a[i] as a[i - 1] where it takes i for an integer."""

    INDEX_OFFSET = 0


class QueryParser(AthenaTrinoParser):
    """sqlglot's parser, which would give those functions the meaning of other engines' functions of the name."""

    FUNCTIONS = {  # noqa: RUF012
        **{name: build for name, build in AthenaTrinoParser.FUNCTIONS.items() if name not in TABLED},
        "JSON_EXTRACT": lambda args: exp.JSONExtract(this=seq_get(args, 0), expression=seq_get(args, 1)),
        "JSON_EXTRACT_SCALAR": lambda args: exp.JSONExtractScalar(this=seq_get(args, 0), expression=seq_get(args, 1)),
        "AT_TIMEZONE": lambda args: exp.AtTimeZone(this=seq_get(args, 0), zone=seq_get(args, 1)),
        "WITH_TIMEZONE": lambda args: zoned(seq_get(args, 0), seq_get(args, 1)),
        "FORMAT_DATETIME": lambda args: exp.TimeToStr(this=seq_get(args, 0), format=strftime_pattern(args)),
        "PARSE_DATETIME": lambda args: exp.cast(
            exp.StrToTime(this=seq_get(args, 0), format=strftime_pattern(args, read=True)), exp.DType.TIMESTAMPTZ
        ),
    }
    FUNCTION_PARSERS = {
        name: parse
        for name, parse in AthenaTrinoParser.FUNCTION_PARSERS.items()
        if name == "NORMALIZE" or name not in TABLED
    } | {
        "JSON_OBJECT": lambda self: self.json_object(),
        "JSON_ARRAY": lambda self: self.json_array(),
        "JSON_VALUE": lambda self: self.standard_json("json_value"),
        "JSON_QUERY": lambda self: self.standard_json("json_query"),
        "JSON_EXISTS": lambda self: self.standard_json("json_exists"),
    }

    def json_object(self) -> exp.Expr:
        """json_object('a': x, KEY 'b' VALUE y NULL ON NULL WITH UNIQUE KEYS): keys and values become two arrays."""
        keys, values = [], []
        while self._curr.token_type != TokenType.R_PAREN and not self._is_json_option():
            is_key = self._match_text_seq("KEY")
            keys.append(self._parse_disjunction())
            if not (self._match_text_seq("VALUE") or (not is_key and self._match(TokenType.COLON))):
                self.raise_error("a key and a value of json_object stand as 'a' VALUE x, or 'a': x")
            values.append(self._json_member())
            if not self._match(TokenType.COMMA):
                break
        nulls = self._json_nulls("NULL")
        is_unique = self._match_text_seq("WITH", "UNIQUE") or self._match_text_seq("WITHOUT", "UNIQUE")
        if is_unique:
            self._match_text_seq("KEYS")
        return self._json_text("json_object", [_texts(keys), _texts(values), nulls])

    def json_array(self) -> exp.Expr:
        """json_array(x, y NULL ON NULL): the values become an array."""
        values = []
        while self._curr.token_type != TokenType.R_PAREN and not self._is_json_option():
            values.append(self._json_member())
            if not self._match(TokenType.COMMA):
                break
        return self._json_text("json_array", [_texts(values), self._json_nulls("ABSENT")])

    def _is_json_option(self) -> bool:
        return self._curr.text.upper() == "RETURNING"

    def _json_member(self) -> exp.Expr:
        """A value as the text of its JSON; that of a JSON function, or with FORMAT JSON, is JSON already."""
        value = self._parse_disjunction()
        if self._match_text_seq("FORMAT", "JSON") or (isinstance(value, exp.Anonymous) and value.name in MAKE_JSON):
            path, words = exp.Literal.string("lax $"), exp.Literal.string("ERROR ON ERROR")
            return exp.Anonymous(this="json_query", expressions=[value, path, words])
        cast = exp.Cast(this=value, to=exp.DataType.build("JSON"))
        cast.meta[JSON_MEMBER] = True
        return exp.Anonymous(this="json_format", expressions=[cast])

    def _json_nulls(self, usual: str) -> exp.Expr:
        for kind in ("NULL", "ABSENT"):
            if self._match_text_seq(kind, "ON", "NULL"):
                return exp.Literal.string(kind)
        return exp.Literal.string(usual)

    def _json_text(self, name: str, arguments: list[exp.Expr]) -> exp.Expr:
        kind = self._parse_types() if self._match_text_seq("RETURNING") else None
        call = exp.Anonymous(this=name, expressions=arguments)
        if kind is not None and not kind.is_type("varchar"):
            raise SqlError(
                f"{name} RETURNING {kind.sql(dialect='athena').lower()} is not supported by the embedded engine"
            )
        return call if kind is None or not kind.expressions else exp.Cast(this=call, to=kind)

    def standard_json(self, name: str) -> exp.Expr:
        """json_value(x, 'lax $.a' RETURNING type …): the words after the path become a text."""
        value, words, kind = self._parse_disjunction(), [], None
        self._match_text_seq("FORMAT", "JSON")
        self._match(TokenType.COMMA)
        path = self._parse_string()
        while self._curr and self._curr.token_type != TokenType.R_PAREN:
            if self._match_text_seq("RETURNING"):
                kind = self._parse_types()
                continue
            text = self._curr.text
            if text.upper() == "PASSING":
                raise SqlError(f"{name} … PASSING is not supported by the embedded engine; {ON_STACK}")
            is_text = self._curr.token_type == TokenType.STRING
            words.append("'" + text.replace("'", "''") + "'" if is_text else text.upper())
            self._advance()
        call = exp.Anonymous(this=name, expressions=[value, path, exp.Literal.string(" ".join(words))])
        if kind is None or kind.is_type("varchar"):
            return call
        if words:
            raise SqlError(f"{name} RETURNING {kind.sql(dialect='athena').lower()} has no ON EMPTY or ON ERROR here")
        return exp.TryCast(this=call, to=kind)


def query_trees(tokens: list[Token], sql: str) -> list[exp.Expr | None]:
    """The trees of a text's statements; a subscript is as it is written."""
    trees = QueryParser(dialect=Queries()).parse(tokens, sql)
    for tree in trees:
        for node in tree.find_all(exp.Bracket) if tree is not None else ():
            node.set("offset", 1)
    return trees
