"""Tables of OpenCSVSerde with columns that are no text: found wherever a statement reads them, and converted."""

from typing import Any

import pytest

from lakebox.athena.on_trino.typed_csv import converted
from lakebox.athena.tables.catalog_tables import CatalogTables
from lakebox.endpoint.service import ServiceError

CSV = {
    "Columns": [{"Name": "id", "Type": "int"}, {"Name": "name", "Type": "string"}],
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.OpenCSVSerde"},
}
SELECT = '(SELECT CAST("id" AS integer) AS "id", "name" AS "name" FROM {})'


def get_table(request: dict[str, Any]) -> dict[str, Any]:
    if request["Name"] not in ("csv", "plain"):
        raise ServiceError("EntityNotFoundException", "no table")
    storage = CSV if request["Name"] == "csv" else {"Columns": CSV["Columns"]}
    return {"Table": {"DatabaseName": "db", "Name": request["Name"], "StorageDescriptor": storage}}


TABLES = CatalogTables({"GetTable": get_table})


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT * FROM csv WHERE id > 1", 'SELECT * FROM {csv} AS "csv" WHERE id > 1'),
        ("SELECT c.id FROM csv c, csv AS d", "SELECT c.id FROM {csv} c, {csv} AS d"),
        ("SELECT 1 FROM (SELECT 1 FROM plain) p, csv", 'SELECT 1 FROM (SELECT 1 FROM plain) p, {csv} AS "csv"'),
        ("SELECT 1 FROM plain JOIN csv USING (id)", 'SELECT 1 FROM plain JOIN {csv} AS "csv" USING (id)'),
        ("SELECT 1 FROM (plain JOIN csv ON true)", 'SELECT 1 FROM (plain JOIN {csv} AS "csv" ON true)'),
        ("SELECT 1 FROM (csv CROSS JOIN plain)", 'SELECT 1 FROM ({csv} AS "csv" CROSS JOIN plain)'),
        ("MERGE INTO plain USING csv ON true", 'MERGE INTO plain USING {csv} AS "csv" ON true'),
        ("INSERT INTO csv SELECT * FROM plain", "INSERT INTO csv SELECT * FROM plain"),
        ("WITH csv AS (SELECT 1) SELECT * FROM csv", "WITH csv AS (SELECT 1) SELECT * FROM csv"),
        ("SELECT extract(day FROM csv), a", "SELECT extract(day FROM csv), a"),
        ("SELECT a IS DISTINCT FROM csv", "SELECT a IS DISTINCT FROM csv"),
        ("SELECT 1 FROM UNNEST(csv) t, nope", "SELECT 1 FROM UNNEST(csv) t, nope"),
        ("SELECT 'FROM csv', id FROM plain -- FROM csv", "SELECT 'FROM csv', id FROM plain -- FROM csv"),
    ],
)  # fmt: skip
def test_typed_csv_is_converted_where_it_is_read(sql: str, expected: str) -> None:
    assert converted(sql, "db", TABLES) == expected.replace("{csv}", SELECT.format("csv"))


def test_names_with_a_database_stay_whole() -> None:
    sql = 'SELECT * FROM "awsdatacatalog"."db"."csv" ORDER BY 1'
    name = '"awsdatacatalog"."db"."csv"'
    assert converted(sql, "other", TABLES) == f'SELECT * FROM {SELECT.format(name)} AS "csv" ORDER BY 1'
