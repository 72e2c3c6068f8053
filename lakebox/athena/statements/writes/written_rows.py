"""The rows of a query as files in a bucket, a file a partition; each appears whole, by one rename."""

import bz2
import gzip
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

from lakebox.athena.duckdb_session import Session, opened
from lakebox.athena.engine import SqlError
from lakebox.athena.result_types import athenas_rows
from lakebox.athena.statements.answer import padded
from lakebox.athena.statements.folder_context import FolderContext
from lakebox.athena.statements.writes.text_lines import DelimitedText, json_line
from lakebox.athena.tables.binding import Binder
from lakebox.athena.tables.given_rows import literal, quoted
from lakebox.athena.tables.hive_types import HiveType, duckdb_name
from lakebox.athena.tables.partitions import HIVE_NULL, Values

MOST_PARTITIONS = 100
COMPRESSIONS: dict[str, dict[str, str]] = {  # by format: Athena's word and the writer's
    "PARQUET": {"GZIP": "gzip", "SNAPPY": "snappy", "ZSTD": "zstd", "LZ4": "lz4_raw", "NONE": "uncompressed"},
    "ORC": {"ZLIB": "zlib", "SNAPPY": "snappy", "ZSTD": "zstd", "LZ4": "lz4", "NONE": "uncompressed"},
    "TEXTFILE": {"GZIP": ".gz", "NONE": "", "BZIP2": ".bz2"},
    "JSON": {"GZIP": ".gz", "NONE": "", "BZIP2": ".bz2"},
}
ROWS = 10_000
Filled = tuple[str, str, HiveType]  # a column: its name, DuckDB's expression that fills it, its type


@dataclass(frozen=True)
class FileForm:
    """How rows are written: the format (PARQUET, ORC, JSON, TEXTFILE), its compression, the delimiters of text."""

    format: str
    compression: str
    delimiters: Mapping[str, str] = field(default_factory=dict)

    @property
    def suffix(self) -> str:
        """What names of files end with."""
        return COMPRESSIONS[self.format][self.compression] if self.format in ("TEXTFILE", "JSON") else ""


def file_form(name: str, compression: str | None, delimiters: Mapping[str, str] | None = None) -> FileForm:
    """A format and its compression by Athena's words. Raises SqlError on others."""
    form = {"TEXT": "TEXTFILE"}.get(name.upper(), name.upper())
    if form not in COMPRESSIONS:
        problem = f"files of format {name} are not written by the embedded engine"
        raise SqlError(f"{problem}; write format = 'PARQUET', 'ORC', 'JSON' or 'TEXTFILE'", "NOT_SUPPORTED")
    words = COMPRESSIONS[form]
    chosen = (
        next(iter(words))
        if compression is None
        else {"UNCOMPRESSED": "NONE"}.get(compression.upper(), compression.upper())
    )
    if chosen not in words:
        problem = f"{form} is not written with the compression {compression}"
        raise SqlError(f"{problem}; the embedded engine has {', '.join(words)}", "INVALID_TABLE_PROPERTY")
    return FileForm(form, chosen, delimiters or {})


@dataclass
class WrittenRows:
    """A query's rows, kept in DuckDB until they are written. columns: (name, DuckDB's type)."""

    session: Session
    staging: Path
    columns: list[tuple[str, Any]]
    count: int
    scanned_bytes: int

    def write(
        self, form: FileForm, columns: Sequence[Filled], keys: Sequence[Filled], folder_of: Callable[[Values], Path]
    ) -> dict[Values, Path]:
        """Write a file a partition; where each lies, by the values of the keys.

        folder_of: the folder of a partition's file
        """
        selected = ", ".join(f"CAST({value} AS {duckdb_name(kind)}) AS {quoted(name)}" for name, value, kind in columns)
        texts = [f"nullif(CAST(CAST({value} AS {duckdb_name(kind)}) AS VARCHAR), '')" for _, value, kind in keys]
        found: list[Values] = [()]
        if keys:
            distinct = f'SELECT DISTINCT {", ".join(texts)} FROM "$rows" ORDER BY ALL LIMIT {MOST_PARTITIONS + 1}'  # noqa: S608
            found = self.session.execute(distinct).fetchall()
            if len(found) > MOST_PARTITIONS:
                problem = f"Exceeded limit of {MOST_PARTITIONS} open writers for partitions"
                raise SqlError(
                    f"{problem}; write fewer at a time: WHERE {keys[0][0]} …", "HIVE_TOO_MANY_OPEN_PARTITIONS"
                )
        drafts: dict[Values, Path] = {}
        for values in found:
            pairs = zip(texts, values, strict=True)
            where = " AND ".join(f"{text} IS NOT DISTINCT FROM {literal(value)}" for text, value in pairs)
            query = f'SELECT {selected} FROM "$rows"' + (f" WHERE {where}" if where else "")  # noqa: S608
            drafts[values] = self.staging / str(len(drafts))
            self._write_file(query, drafts[values], form, [(name, kind) for name, _, kind in columns])
        return _placed(drafts, folder_of, form.suffix)

    def _write_file(self, query: str, path: Path, form: FileForm, columns: list[tuple[str, HiveType]]) -> None:
        if form.format == "PARQUET":
            codec = COMPRESSIONS["PARQUET"][form.compression]
            self.session.execute(f"COPY ({query}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION {codec})")
        elif form.format == "ORC":
            from pyarrow import orc

            with self.session.errors():
                table = self.session.connection.sql(query).to_arrow_table()
            orc.write_table(table, path, compression=COMPRESSIONS["ORC"][form.compression])
        else:
            cursor = self.session.execute(query)
            names, types = [name for name, _ in columns], [kind for _, kind in columns]
            delimited = DelimitedText(form.delimiters)
            with _text_file(path, form.suffix) as stream:
                kinds = [column[1] for column in cursor.description or ()]
                while rows := cursor.fetchmany(ROWS):
                    for row in athenas_rows(rows, kinds):
                        line = json_line(row, names) if form.format == "JSON" else delimited.line(row, types)
                        stream.write(line.encode() + b"\n")


@contextmanager
def written_rows(sql: str, context: FolderContext, *, empty: bool = False) -> Iterator[WrittenRows]:
    """Run a query and keep its rows for writing, or none of them where only its columns count. Raises SqlError."""
    with ExitStack() as stack:
        staging = context.tables.buckets.root / ".lakebox" / "staging" / uuid.uuid4().hex
        staging.mkdir(parents=True)
        stack.callback(shutil.rmtree, staging, ignore_errors=True)
        session = stack.enter_context(opened(context.tables, context.control))
        text = session.prepare(Binder(context.tables).bind(padded(context.statement, sql), context.database), [staging])
        described = session.execute(f"SELECT * FROM ({text}) AS q LIMIT 0").description or ()  # noqa: S608
        names = session.names
        kinds = [column[1] for column in described]
        places = ", ".join(f'"c{number}"' for number in range(len(names)))
        session.execute(f'CREATE TEMP TABLE "$rows" ({", ".join(f"{_column(n, k)}" for n, k in enumerate(kinds))})')
        session.execute(f'INSERT INTO "$rows" SELECT * FROM ({text}) AS q ({places}){" LIMIT 0" if empty else ""}')  # noqa: S608
        scanned = session.scanned_bytes()
        context.scanned(scanned)
        count = session.execute('SELECT count(*) FROM "$rows"').fetchall()[0][0]
        yield WrittenRows(session, staging, list(zip(names, kinds, strict=True)), count, scanned)


def _column(number: int, kind: Any) -> str:
    name = str(kind)
    return f'"c{number}" {"BIGINT" if name == "HUGEINT" else "INTEGER" if kind.id == "sqlnull" else name}'


def _placed(drafts: Mapping[Values, Path], folder_of: Callable[[Values], Path], suffix: str) -> dict[Values, Path]:
    """Put finished files in their places; all of them, or, where one fails, none."""
    placed: dict[Values, Path] = {}
    try:
        for values, draft in drafts.items():
            placed[values] = _in_place(draft, folder_of(values), suffix)
    except BaseException:
        for path in placed.values():
            path.unlink(missing_ok=True)
        raise
    return placed


def _in_place(draft: Path, folder: Path, suffix: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{datetime.now(UTC):%Y%m%d_%H%M%S}_{uuid.uuid4()}{suffix}"
    draft.replace(path)
    return path


def _text_file(path: Path, suffix: str) -> IO[bytes]:
    if suffix == ".gz":
        return cast(IO[bytes], gzip.open(path, "wb"))
    return cast(IO[bytes], bz2.open(path, "wb")) if suffix else path.open("wb")


def hive_values(values: Values) -> list[str]:
    """Partition values as the catalog keeps them."""
    return [HIVE_NULL if value is None else value for value in values]
