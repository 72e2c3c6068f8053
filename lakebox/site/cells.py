"""Values as the pages show them: numbers with units, times in UTC, long texts cut, and no path of this machine."""

import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup

from lakebox.athena.engine import QueryResult
from lakebox.athena.result_text import cell_text
from lakebox.settings import REPOSITORY
from lakebox.site.sql_text import marked_sql

LONGEST = 200  # characters of a value that a cell shows
NUMBERS = ("bigint", "integer", "double", "decimal", "smallint", "tinyint", "real")
LOCAL_PATHS = ("source_file", "message")  # columns in which jobs write paths of the machine that they ran on
PATH = re.compile(r"(?:file://)?/(?:[^\s/:'\"]+/){2,}[^\s/:'\"]*")


@dataclass(frozen=True)
class Cell:
    """A value in a table.

    sort: what the column sorts by, where that is not the text; state: good, bad or muted, shown as a coloured word
    """

    text: str
    sort: str | float | None = None
    href: str = ""
    state: str = ""
    is_null: bool = False


@dataclass(frozen=True)
class Grid:
    """A table of a page.

    columns: name and kind (text, number, code, prose); hidden: rows that are not shown
    from_sql: whether the heads are names of SQL columns, which stay as they are written
    """

    columns: tuple[tuple[str, str], ...]
    rows: Sequence[Sequence[Any]]
    hidden: int = 0
    from_sql: bool = False

    @property
    def is_narrow(self) -> bool:
        """Whether it is a name and a few numbers, which a page's whole width would tear apart."""
        return len(self.columns) < 5 and sum(kind != "number" for _, kind in self.columns) < 2

    @property
    def is_wide(self) -> bool:
        """Whether a telephone shows it in part alone, so that its first column stays in sight."""
        return len(self.columns) > 4

    @property
    def is_explained(self) -> bool:
        """Whether its last column explains few others; a telephone has it below them."""
        return 2 < len(self.columns) < 5 and self.columns[-1][1] == "prose"


def result_grid(result: QueryResult, most: int) -> Grid:
    """The first rows of a query's result."""
    columns = tuple((name, "number" if kind.startswith(NUMBERS) else "text") for name, kind in result.columns)
    local = [name.lower() in LOCAL_PATHS for name, _ in result.columns]
    rows = [
        [result_cell(value, is_path) for value, is_path in zip(row, local, strict=True)] for row in result.rows[:most]
    ]
    return Grid(columns, rows, max(0, len(result.rows) - most), from_sql=True)


def result_cell(value: Any, is_path: bool = False) -> Cell:
    """A value of a query's result, as Athena prints it."""
    if value is None:
        return Cell("null", is_null=True)
    text = cell_text(value)
    return Cell(local_text(text) if is_path else text)


def local_text(text: str) -> str:
    """What a job wrote, with the last two parts of each path of the machine that it ran on."""
    return PATH.sub(_last_two, text)


def _last_two(path: re.Match[str]) -> str:
    """A path of the machine without the folders that nobody else knows."""
    return "…/" + "/".join(path[0].split("/")[-2:])


def cell(value: Any) -> Cell:
    """Any value of a table as a cell."""
    if isinstance(value, Cell):
        return value
    if value is None:
        return Cell("–", sort="")
    if isinstance(value, bool):
        return Cell("yes" if value else "no")
    if isinstance(value, int):
        return Cell(f"{value:,}", sort=value)
    if isinstance(value, float):
        return Cell(f"{value:,.2f}", sort=value)
    if isinstance(value, datetime):
        return Cell(utc(value))
    return Cell(str(value))


def utc(moment: datetime | None) -> str:
    """A time to the second; one without a zone is UTC."""
    if moment is None:
        return "–"
    shown = moment if moment.tzinfo is None else moment.astimezone(UTC)
    return f"{shown:%Y-%m-%d %H:%M:%S}"


def day(value: date) -> str:
    """A day as ISO 8601 writes it."""
    return value.isoformat()


def bytes_text(size: float) -> str:
    """A size in decimal units: 512 B, 1.4 kB, 23 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def bytes_cell(size: int) -> Cell:
    """A size, which sorts by its bytes."""
    return Cell(bytes_text(size), sort=size)


def seconds_text(duration_s: float) -> str:
    """A duration: 0.03 s, 12.4 s, 3 min 20 s."""
    if 0 < duration_s < 0.005:
        return "< 0.01 s"
    if duration_s < 60:
        return f"{duration_s:.2f} s" if duration_s < 1 else f"{duration_s:.1f} s"
    minutes, seconds = divmod(round(duration_s), 60)
    return f"{minutes} min {seconds} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def usd(price: float) -> str:
    """A price in US dollars, with digits enough to see it."""
    return f"${price:.6f}" if 0 < price < 0.0001 else f"${price:.4f}"


def cut(text: str, most: int = LONGEST) -> str:
    """A text, cut where it is very long, with a word on how long it is."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"


def clipped(text: str, most: int) -> str:
    """A text of at most so many characters, its end replaced where it is longer."""
    return text if len(text) <= most else text[: most - 1] + "…"


def sentence(text: str) -> str:
    """A description in the middle of a line: small first letter, a colon behind it."""
    return f"{text[:1].lower()}{text[1:]}:" if text else ""


def plural(count: int, noun: str) -> str:
    """1 row, 2 rows."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def without_local_paths(folder: str) -> Callable[[Any], Any]:
    """What every value of every page goes through: it takes away the folders of this machine that are known.

    folder: that of the lake, empty where it has none
    """
    known = {str(REPOSITORY), str(Path.cwd()), str(Path.home()), tempfile.gettempdir()}
    known |= {str(Path(folder).absolute())} if folder else set()
    roots = sorted((root for root in known if len(root) > 1), key=len, reverse=True)
    local = re.compile("(?:file://)?(?:" + "|".join(map(re.escape, roots)) + ")(?=/|\\b)")

    def finalize(value: Any) -> Any:
        if isinstance(value, Markup) or not isinstance(value, str) or "/" not in value:
            return value
        return local.sub("…", value)

    return finalize


FILTERS: dict[str, Callable[..., Any]] = {
    "bytes": bytes_text,
    "cell": cell,
    "clipped": clipped,
    "plural": plural,
    "seconds": seconds_text,
    "sentence": sentence,
    "sql": marked_sql,
    "cut": cut,
    "usd": usd,
    "utc": utc,
}
