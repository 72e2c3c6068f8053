"""`lakebox dq rulesets` and `lakebox dq run`, as processes of their own."""

from pathlib import Path

import pytest
from commands import lakebox
from job_sandbox import open_sandbox

pytestmark = pytest.mark.spark
TEXT = {
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                  "Parameters": {"field.delim": ","}},
}  # fmt: skip


def test_a_file_of_rules_is_evaluated_on_a_table_and_listed(tmp_path: Path) -> None:
    lake, rules = tmp_path / "lake", tmp_path / "people.dqdl"
    (lake / "data" / "people").mkdir(parents=True)
    (lake / "data" / "people" / "rows.csv").write_text("a,1\nb,\n", encoding="utf-8")
    rules.write_text('Rules = [ RowCount = 2, IsComplete "n" ]', encoding="utf-8")
    columns = [{"Name": "name", "Type": "string"}, {"Name": "n", "Type": "int"}]
    for sandbox in open_sandbox(lake):
        sandbox.glue.create_database(DatabaseInput={"Name": "shop"})
        stored = TEXT | {"Columns": columns, "Location": "s3://data/people/"}
        sandbox.glue.create_table(DatabaseName="shop", TableInput={"Name": "people", "StorageDescriptor": stored})
    failed = lakebox("dq", "run", str(rules), "shop.people", "--lake", str(lake))
    assert failed.returncode == 1, failed.stderr
    assert "of 2 rows, 1 without n" in failed.stdout
    assert "score 50%: 1 of 2 rules passed" in failed.stdout
    rules.write_text("Rules = [ RowCount = 2 ]", encoding="utf-8")
    assert lakebox("dq", "run", str(rules), "shop.people", "--lake", str(lake)).returncode == 0
    listed = lakebox("dq", "rulesets", "--lake", str(lake))
    assert (listed.returncode, "people" in listed.stdout) == (0, True)
    missing = lakebox("dq", "run", "nope", "shop.people", "--lake", str(lake))
    assert (missing.returncode, "Data Quality Ruleset nope does not exist" in missing.stderr) == (1, True)
    unnamed = lakebox("dq", "run", "people", "people", "--lake", str(lake))
    assert (unnamed.returncode, "'people' names no table; write DATABASE.TABLE" in unnamed.stderr) == (1, True)
