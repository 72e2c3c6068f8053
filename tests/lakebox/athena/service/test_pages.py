"""Pages of rows, read back from a result's file."""

import io
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lakebox.athena.service.kinds import kind_of
from lakebox.athena.service.results.columns import result_column
from lakebox.athena.service.results.files import write_result
from lakebox.athena.service.results.pages import page_of_rows
from lakebox.athena.service.statement import StatementResult

CELLS = st.one_of(st.none(), st.text(alphabet='a",\n\r é', max_size=4))


class Memory:
    """Objects in memory."""

    def __init__(self) -> None:
        self.files: dict[str, io.BytesIO] = {}

    def writing(self, uri: str) -> Any:
        self.files[uri] = io.BytesIO()
        self.files[uri].close = lambda: None  # type: ignore[method-assign]
        return self.files[uri]

    def reading(self, uri: str, start: int) -> io.BytesIO:
        return io.BytesIO(self.files[uri].getvalue()[start:])


@given(st.integers(1, 3).flatmap(lambda width: st.lists(st.tuples(*[CELLS] * width), max_size=5)))
def test_rows_are_read_as_they_were_written(rows: list[tuple[str | None, ...]]) -> None:
    names = ["a", 'b"', "c,"][: len(rows[0]) if rows else 1]
    objects: Any = Memory()
    result = StatementResult([result_column(name, "varchar") for name in names], rows)
    write_result(objects, "s3://b/", "q", kind_of("SELECT"), result)
    found, token = [], "0"
    while token is not None:
        page, token = page_of_rows(objects, "s3://b/q.csv", token, 2)
        found += [tuple(datum.get("VarCharValue") for datum in row["Data"]) for row in page]
    assert found == [tuple(names), *rows]
