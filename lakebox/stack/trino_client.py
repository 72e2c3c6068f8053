"""One statement to Trino, through its own Python client: columns, rows and what the engine counted."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests
from trino.dbapi import connect
from trino.exceptions import Error, Http502Error, Http503Error, Http504Error, HttpError, TrinoDataError, TrinoQueryError

from catalog.tables import DATABASE
from jobs.lake.errors import LakeboxError

CATALOG = "awsdatacatalog"
HTTP_ERRORS = (HttpError, Http502Error, Http503Error, Http504Error)  # the client's own, which are none of its Errors
NOT_TRINOS = (ValueError, KeyError, TypeError, AttributeError)  # from the client, of an answer that is not Trino's
HINT = "is the stack up? lakebox status says what runs, lakebox up starts it"


class TrinoUnreachableError(LakeboxError):
    """Trino does not answer, or what answers is not Trino."""


class TrinoStatementError(LakeboxError):
    """Trino refused or failed a statement; the message is Trino's own, and so is the name: COLUMN_NOT_FOUND."""

    def __init__(self, message: str, name: str = "") -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True)
class Answer:
    """What Trino answered. `columns` are (name, Trino type); `read_bytes` is what it read from storage."""

    columns: tuple[tuple[str, str], ...]
    rows: list[tuple[Any, ...]]
    read_bytes: int
    duration_s: float


class TrinoClient:
    """Statements in the database of the lake, as a Trino user."""

    def __init__(self, url: str, user: str) -> None:
        self._url, self._user = url, user

    def run(self, statement: str, parameters: Sequence[Any] | None = None) -> Answer:
        """Run one statement to its end; raises TrinoStatementError and TrinoUnreachableError."""
        start = monotonic()
        with self.cursor() as cursor:
            cursor.execute(statement, parameters)
            rows = [tuple(row) for row in cursor.fetchall()]
            columns = tuple((str(one[0]), str(one[1])) for one in cursor.description or ())
            read_bytes = int((cursor.stats or {}).get("physicalInputBytes", 0))
        return Answer(columns, rows, read_bytes, monotonic() - start)

    @contextmanager
    def cursor(
        self,
        schema: str = DATABASE,
        on_stats: Callable[[dict[str, Any]], None] | None = None,
        properties: Mapping[str, str] | None = None,
    ) -> Iterator[Any]:
        """A cursor of Trino's client; raises TrinoStatementError and TrinoUnreachableError for what fails on it.

        schema: of names without one. on_stats: is told Trino's statistics with each of its answers. properties: of the
        session.
        """
        try:
            with self._connection(schema, properties or {}) as connection:
                yield connection.cursor(stats_callback=on_stats)
        except TrinoQueryError as error:
            raise TrinoStatementError(" ".join(str(error.message).split()), error.error_name or "") from error
        except TrinoDataError as error:
            raise TrinoStatementError(" ".join(str(error).split())) from error
        except HTTP_ERRORS as error:
            raise self._not_trino(str(error).partition(":")[0]) from error
        except (requests.RequestException, Error) as error:
            text = f"Trino at {self._url} does not answer ({type(error).__name__}); {HINT}"
            raise TrinoUnreachableError(text) from error
        except NOT_TRINOS as error:
            raise self._not_trino("not JSON, or not Trino's") from error

    def _not_trino(self, said: str) -> TrinoUnreachableError:
        return TrinoUnreachableError(f"Trino at {self._url} does not answer as Trino does ({said}); {HINT}")

    def _connection(self, schema: str, properties: Mapping[str, str]) -> Any:
        address = urlsplit(self._url)
        return connect(  # type: ignore[no-untyped-call]
            host=address.hostname,
            port=address.port or 8080,
            http_scheme=address.scheme,
            user=self._user,
            source="lakebox",
            catalog=CATALOG,
            schema=schema,
            session_properties=dict(properties),
            timezone="UTC",
            max_attempts=3,
            request_timeout=60,
        )
