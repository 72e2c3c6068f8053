"""Kinds of statements, as Athena names them."""

import pytest

from lakebox.athena.service.kinds import kind_of, without_end


@pytest.mark.parametrize(
    ("sql", "statement_type", "substatement_type", "file"),
    [
        ("SELECT 1", "DML", "SELECT", "{id}.csv"),
        ("-- c\n/* d */ ((select 1))", "DML", "SELECT", "{id}.csv"),
        ("WITH a AS (SELECT 1) SELECT * FROM a", "DML", "SELECT", "{id}.csv"),
        ("VALUES 1", "DML", "SELECT", "{id}.csv"),
        ("TABLE t", "DML", "SELECT", "{id}.csv"),
        ("INSERT INTO t VALUES (1)", "DML", "INSERT", "{id}"),
        ("UPDATE t SET a = 1", "DML", "UPDATE", "{id}.csv"),
        ("MERGE INTO t USING s ON true", "DML", "MERGE", "{id}.csv"),
        ("EXPLAIN ANALYZE SELECT 1", "DML", "EXPLAIN", "{id}.txt"),
        ("VACUUM t", "DML", "VACUUM_TABLE", "{id}.txt"),
        ("CREATE TABLE a.t WITH (format = 'ORC') AS (SELECT 1)", "DDL", "CREATE_TABLE_AS_SELECT", "tables/{id}"),
        ("CREATE TABLE t AS -- c\nWITH a AS (SELECT 1) SELECT 1", "DDL", "CREATE_TABLE_AS_SELECT", "tables/{id}"),
        ("CREATE TABLE t (a int) LOCATION 's3://b/as select /'", "DDL", "CREATE_TABLE", "{id}.txt"),
        ("create external table if not exists t (a int)", "DDL", "CREATE_TABLE", "{id}.txt"),
        ("CREATE OR REPLACE VIEW v AS SELECT 1", "DDL", "CREATE_VIEW", "{id}.txt"),
        ("CREATE SCHEMA s", "DDL", "CREATE_DATABASE", "{id}.txt"),
        ("DROP TABLE IF EXISTS t", "DDL", "DROP_TABLE", "{id}.txt"),
        ("ALTER TABLE a.`t` ADD IF NOT EXISTS PARTITION (p = 1)", "DDL", "ALTER_TABLE_ADD_PARTITION", "{id}.txt"),
        ("ALTER TABLE t ADD COLUMNS (a int)", "DDL", "ALTER_TABLE_ADD_COLUMN", "{id}.txt"),
        ("ALTER TABLE t SET TBLPROPERTIES ('a' = 'add column')", "DDL", "ALTER_TABLE_PROPERTIES", "{id}.txt"),
        ("MSCK REPAIR TABLE t", "DDL", None, "{id}.txt"),
        ("SHOW TABLES IN d", "UTILITY", "SHOW_TABLES", "{id}.txt"),
        ("SHOW/**/CREATE VIEW v", "UTILITY", "SHOW_CREATE_VIEW", "{id}.txt"),
        ("DESC t", "UTILITY", "DESCRIBE_TABLE", "{id}.txt"),
        ("PREPARE p FROM SELECT 1", "UTILITY", "PREPARE", "{id}.txt"),
        ("", "UTILITY", None, "{id}.txt"),
    ],
)
def test_a_statement_has_its_kind(sql: str, statement_type: str, substatement_type: str | None, file: str) -> None:
    kind = kind_of(sql)
    assert (kind.statement_type, kind.substatement_type, kind.file) == (statement_type, substatement_type, file)


def test_semicolons_at_the_end_are_cut() -> None:
    assert without_end("SELECT ';' ; -- end;\n ; ") == "SELECT ';' "
