"""The quality gate as a job: what it lets pass, what it stops and names, and when it need not look again."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from silver_by_hand import NEW, OLD, Silver

import jobs.check_silver
from catalog.tables import SILVER_USER_EVENTS
from jobs.check_silver import REPORT_JSON, REPORT_MARKDOWN, GateFailed, check_silver
from jobs.lake.store import StorageError

pytestmark = pytest.mark.spark


def no_spark() -> SparkSession:
    raise AssertionError("Spark was started")


@pytest.fixture
def silver(tmp_path: Path, spark: SparkSession) -> Silver:
    return Silver(tmp_path, spark)


def test_silver_as_the_jobs_write_it_passes_with_a_report_of_both_kinds(silver: Silver) -> None:
    silver.put()
    assert silver.check() == "30 rules hold for 2 live events"
    assert silver.report()["outcome"] == "PASSED"
    assert (silver.lake.store.read(REPORT_MARKDOWN) or b"").startswith(
        b"# Data quality of `silver_user_events`: PASSED"
    )


def test_any_event_type_can_be_checked(silver: Silver) -> None:
    for number, event_type in enumerate(("a b", "Größe/ 1", "x:y", "100%", "[q]{z}*")):
        silver.put((event_type, "2025-06-01"), {"pk": f"sha2(concat('{number} ', id), 256)"})
    assert silver.check() == "30 rules hold for 10 live events"


@pytest.mark.parametrize(
    ("column", "sql", "rule", "rows"),
    [
        ("pk", "sha2('one', 256)", 'IsPrimaryKey "pk"', 2),
        ("user_id", "if(id = 0, null, 'u')", 'IsComplete "user_id"', 1),
        ("op", "if(id = 0, 'D', 'U')", 'ColumnValues "op" in ["I", "U"]', 1),
        ("feature_hash", "if(id = 0, 'abc', sha2('f', 256))", 'ColumnLength "feature_hash" = 64', 1),
        ("updated_at", "timestamp '1969-12-31 00:00:00'", 'ColumnValues "updated_at" >= "1970-01-01"', 2),
    ],
)
def test_damage_fails_the_rule_it_breaks_and_shows_the_rows(
    silver: Silver, column: str, sql: str, rule: str, rows: int
) -> None:
    silver.put(changed={column: sql})
    assert f"{rule} (violations: {rows})" in silver.failure()
    failed = [found for found in silver.report()["rules"] if found["outcome"] == "FAILED"]
    assert [(found["rule"], found["measured"], len(found["samples"])) for found in failed] == [(rule, rows, rows)]


@pytest.mark.parametrize(
    ("column", "sql", "difference"),
    [
        ("amount", "'text'", "amount is string, not double"),
        ("amount", "cast(1.5 as float)", "amount is float, not double"),
        ("user_id", "cast(id as int)", "user_id is int, not string"),
        ("event_timestamp", "'{day}'", "event_timestamp is string, not timestamp"),
        ("event_timestamp", "timestamp_ntz '{day} 10:00:00'", "event_timestamp is timestamp_ntz, not timestamp"),
    ],
)
def test_a_wrong_type_in_one_file_is_named(silver: Silver, column: str, sql: str, difference: str) -> None:
    silver.put(OLD)
    silver.put(NEW, {column: sql})
    assert difference in silver.failure()
    assert silver.report()["schema"] == {"matches": False, "differences": [difference]}


def test_a_wrong_type_in_the_older_file_is_named(silver: Silver) -> None:
    silver.put(OLD, {"amount": "'text'"})
    silver.put(NEW)
    assert "amount is string, not double" in silver.failure()


def test_a_column_that_the_newest_partition_lacks_is_named(silver: Silver) -> None:
    silver.put(OLD)
    silver.put(NEW, without="amount")
    assert "amount (double) is missing" in silver.failure()


def test_a_column_that_is_not_in_the_catalog_is_named(silver: Silver) -> None:
    silver.put(changed={"extra": "1"})
    assert "extra (int) is not in the catalog" in silver.failure()


def test_a_registered_partition_whose_file_is_gone_is_a_failure(silver: Silver) -> None:
    silver.put()
    silver.lake.register(SILVER_USER_EVENTS, add=[NEW])
    with pytest.raises(StorageError, match=r"1 registered partitions have no files.*event_date=2025-06-02"):
        silver.check()


def test_what_passed_is_not_checked_again(silver: Silver) -> None:
    silver.put()
    silver.check()
    again = check_silver(silver.lake, silver.settings, no_spark)
    assert (again.skipped, again.summary) == (True, "checked before: passed")


def test_what_failed_fails_again_in_the_same_words_without_a_look(silver: Silver) -> None:
    silver.put(changed={"op": "'D'"})
    message = silver.failure()
    with pytest.raises(GateFailed) as again:
        check_silver(silver.lake, silver.settings, no_spark)
    assert str(again.value) == message


def test_a_new_batch_a_recheck_or_a_lost_report_is_reason_to_look_again(silver: Silver) -> None:
    silver.put()
    silver.check()
    silver.batch(2)
    assert silver.check() == "30 rules hold for 2 live events"
    assert silver.check(recheck=True) == "30 rules hold for 2 live events"
    silver.lake.store.delete([REPORT_JSON])
    assert silver.check() == "30 rules hold for 2 live events"


def test_a_check_that_dies_does_not_leave_the_word_of_the_last_one_standing(
    silver: Silver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object, **__: object) -> None:
        raise AssertionError("dies")

    silver.put()
    silver.check()
    monkeypatch.setattr(jobs.check_silver, "evaluate", dies)
    with pytest.raises(AssertionError):
        silver.check(recheck=True)
    assert silver.lake.gate() == {}


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ({}, "Silver is empty, as no raw event has been read: check where the raw files are"),
        ({"quarantined": 7}, "Silver is empty, as all 7 raw items are in quarantine: bronze_quarantine says why"),
        ({"rows": 4}, "Silver is empty though Bronze has 4 changes: restore its files and _state"),
    ],
)
def test_an_empty_silver_fails_and_the_message_says_where_the_rows_went(
    silver: Silver, counts: dict[str, int], reason: str
) -> None:
    silver.batch(1, **counts)
    assert silver.failure().endswith(reason)


def test_a_silver_whose_events_were_all_deleted_passes(silver: Silver) -> None:
    silver.batch(1, rows=4, deletes=2)
    assert silver.check() == "28 rules hold for 0 live events"


def test_a_key_in_two_days_is_found(silver: Silver) -> None:
    silver.put(OLD)
    silver.put(NEW, {"pk": "sha2(concat('2025-06-01', id), 256)"})
    assert 'IsPrimaryKey "pk" (violations: 4)' in silver.failure()
    samples = next(rule["samples"] for rule in silver.report()["rules"] if rule["outcome"] == "FAILED")
    assert {sample["event_timestamp"][:10] for sample in samples} == {"2025-06-01", "2025-06-02"}


def test_a_row_in_another_days_partition_fails(silver: Silver) -> None:
    silver.put(NEW, {"event_timestamp": "timestamp '2025-06-04 00:00:00'"})
    assert "2 rows lie in a partition of another event_date than their event_timestamp's" in silver.failure()


def test_a_file_without_rows_is_no_rows(silver: Silver) -> None:
    silver.put(OLD)
    silver.put(NEW, rows=0)
    assert silver.check() == "30 rules hold for 2 live events"


def test_a_changed_file_is_looked_at_again(silver: Silver) -> None:
    silver.put(OLD)
    silver.check()
    silver.put(OLD, {"op": "'D'"})
    silver.batch(2)
    assert 'ColumnValues "op" in ["I", "U"] (violations: 2)' in silver.failure()
