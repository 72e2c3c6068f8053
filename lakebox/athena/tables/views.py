"""Views as Athena keeps them in the catalog: Presto's, as base64 of JSON, which Glue and Trino read."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from lakebox.athena.engine import SqlError
from lakebox.athena.tables.catalog_tables import CatalogTable

START, END = "/* Presto View: ", " */"


@dataclass(frozen=True)
class View:
    """A view: its query, the database that names without one are of, and its columns as (name, Trino's type)."""

    sql: str
    database: str
    columns: tuple[tuple[str, str], ...]


def stored_view(table: CatalogTable) -> View:
    """The view that the catalog holds. Raises SqlError where it is none of Athena's."""
    text = table.document.get("ViewOriginalText", "").strip()
    if not text.startswith(START):
        problem = f"{table} is a view of Hive or Spark, which the embedded engine does not read"
        raise SqlError(f"{problem}; make it with CREATE VIEW in Athena SQL", "NOT_SUPPORTED")
    try:
        content: dict[str, Any] = json.loads(base64.b64decode(text.removeprefix(START).removesuffix(END)))
        columns = tuple((column["name"], column["type"]) for column in content.get("columns", ()))
        return View(content["originalSql"], content.get("schema") or table.database, columns)
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise SqlError(f"the view {table} is broken ({error}); make it anew", "INVALID_VIEW") from None


def view_text(view: View) -> str:
    """A view as the catalog holds it."""
    content = {
        "originalSql": view.sql,
        "catalog": "awsdatacatalog",
        "schema": view.database,
        "columns": [{"name": name, "type": kind} for name, kind in view.columns],
    }
    return START + base64.b64encode(json.dumps(content).encode()).decode() + END
