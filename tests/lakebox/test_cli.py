"""The command line, as a user has it: verbs, output, exit status, and errors in one line."""

import json
import shutil
from pathlib import Path

import pytest
from commands import lakebox

pytestmark = pytest.mark.spark

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def lake(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's lake."""
    copied: Path = shutil.copytree(demo / "lake", tmp_path_factory.mktemp("cli") / "lake")
    return copied


def rows(lake: Path, query: str) -> list[dict[str, object]]:
    done = lakebox("sql", query, "--lake", str(lake), "--format", "json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_demo_shows_it_all(demo: Path) -> None:
    screen = (demo / "screen.txt").read_text()
    for part in (
        "60 items of 2 files: 60 to Bronze, 0 to quarantine",
        "79 items of 4 files: 73 to Bronze, 6 to quarantine",
        'op is "UPSERT"; it must be I, U or D',
        "Quality gate PASSED",
        "bytes scanned",
        "Try next",
    ):
        assert part in screen


def test_planted_faults_end_as_their_readme_says(lake: Path) -> None:
    assert rows(lake, "SELECT count(*) AS n FROM silver_user_events") == [{"n": 114}]
    updated = rows(lake, "SELECT page FROM silver_user_events WHERE page LIKE '%promo'")
    assert updated == [{"page": "/home?ref=promo"}]
    deleted = (
        "SELECT * FROM silver_user_events WHERE user_id = 'u009' AND event_timestamp = TIMESTAMP '2025-06-17 07:29:31'"
    )
    assert rows(lake, deleted) == []
    again = deleted.replace("*", "page").replace("u009", "u005").replace("07:29:31", "08:15:08")
    assert rows(lake, again) == [{"page": "/p/2077"}]
    late = "SELECT event_timestamp FROM silver_user_events WHERE user_id = 'u013'"
    assert rows(lake, late) == [{"event_timestamp": "2025-06-16 16:20:00.000"}]
    amount = "SELECT amount, attributes FROM silver_user_events WHERE attributes LIKE '%12,50%'"
    assert rows(lake, amount) == [{"amount": None, "attributes": '{"amount":"12,50"}'}]
    assert len(rows(lake, (REPOSITORY / "queries/quarantine_by_reason.sql").read_text())) == 6


def test_every_query_of_the_repository_is_answered(lake: Path) -> None:
    for path in sorted((REPOSITORY / "queries").glob("*.sql")):
        assert rows(lake, path.read_text()), path.name


def test_a_query_scans_what_it_names(lake: Path) -> None:
    def scanned(query: str) -> int:
        done = lakebox("sql", query, "--lake", str(lake), "--format", "csv")
        return int(done.stderr.split(" bytes scanned")[0].rsplit(" ", 1)[1].replace(",", ""))

    whole = scanned("SELECT * FROM silver_user_events")
    assert scanned("SELECT * FROM silver_user_events WHERE event_date = DATE '2025-06-16'") < whole / 5
    assert scanned("SELECT user_id, page FROM silver_user_events") < whole / 5


def test_csv_has_a_header_costs_go_to_stderr(lake: Path) -> None:
    query = "SELECT user_id, first_event_timestamp FROM gold_user_features WHERE user_id = 'u013'"
    done = lakebox("sql", query, "--lake", str(lake), "--format", "csv")
    assert done.stdout == "user_id,first_event_timestamp\nu013,2025-06-16 16:20:00.000\n"
    assert "Athena price $0.00005" in done.stderr


def test_every_run_is_on_record(lake: Path) -> None:
    found = rows(lake, "SELECT job_name, status, rows_in, rows_out FROM pipeline_runs ORDER BY started_at")
    assert [(row["job_name"], row["status"]) for row in found] == [
        (name, "SUCCEEDED") for name in ("raw_to_bronze", "bronze_to_silver", "check_silver", "silver_to_gold")
    ] * 2
    assert (found[4]["rows_in"], found[4]["rows_out"]) == (79, 73)


def test_crawl_follows_what_is_in_storage(lake: Path) -> None:
    folder = lake / "ai-lakehouse-project/gold/user_features/training_date=2025-06-17"
    (lake / "ai-lakehouse-project/gold/user_features/training_date=2025-06-16").mkdir()
    (folder / "part-00000.parquet").rename(
        lake / "ai-lakehouse-project/gold/user_features/training_date=2025-06-16/part-00000.parquet"
    )
    done = lakebox("crawl", "gold_user_features", "--lake", str(lake))
    assert done.stdout == ("crawler_gold_user_features: partitions: 1 added, 1 deleted\n")
    days = rows(lake, "SELECT DISTINCT CAST(training_date AS varchar) AS day FROM gold_user_features ORDER BY 1")
    assert [row["day"] for row in days] == ["2025-06-16", "2025-06-18"]


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (("sql", "SELECT 1 FROM nope"), 1, "nope' does not exist; tables: "),
        (("sql", "SELECT nope FROM gold_user_features"), 1, "line 1:8: Column 'nope' cannot be resolved"),
        (("sql", "SELEC 1"), 1, "line 1:1: mismatched input 'SELEC'"),
        (("sql", "DELETE FROM gold_user_features"), 1, "run it on the stack"),
        (("crawl", "nope"), 1, "no crawler nope, nor a table of that name; crawlers: "),
        (("run", "--raw", "/no/such/folder"), 1, "no such folder; check the path"),
        (("run", "--training_date", "yesterday"), 2, "write it as YYYY-MM-DD"),
        (("run", "--mapping", "/no/such/mapping.toml"), 2, "there is no mapping file"),
        (("run", "--rwa", "x"), 2, "--raw"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_errors_are_one_clear_line_without_a_traceback(
    lake: Path, arguments: tuple[str, ...], status: int, line: str
) -> None:
    done = lakebox(*arguments, LAKEBOX_LAKE=str(lake))
    assert done.returncode == status
    assert line in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_lake_is_one_line(tmp_path: Path) -> None:
    done = lakebox("sql", "SELECT 1", "--lake", str(tmp_path / "nowhere"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "no such folder" in done.stderr


def test_another_mapping_on_the_same_lake_is_refused(lake: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.toml"
    mapping.write_text('[fields]\nevent_type = "behavior"\n')
    done = lakebox("run", "--lake", str(lake), "--mapping", str(mapping))
    assert done.returncode == 1
    assert "was made with another mapping" in done.stderr


def test_the_second_of_two_runs_is_refused(lake: Path) -> None:
    from jobs.lake.open_store import open_store
    from jobs.lake.protocol import Lake

    with Lake(open_store(str(lake / "ai-lakehouse-project"))).hold("the-other-run"):
        done = lakebox("run", "--lake", str(lake))
    assert done.returncode == 1
    assert "run the-other-run is at work" in done.stderr


def test_a_refused_check_shows_no_old_report(lake: Path) -> None:
    from jobs.lake.open_store import open_store
    from jobs.lake.protocol import Lake

    assert (lake / "ai-lakehouse-project/reports/dq_report.json").exists()
    with Lake(open_store(str(lake / "ai-lakehouse-project"))).hold("the-other-run"):
        done = lakebox("dq", "--lake", str(lake))
    assert (done.returncode, done.stdout) == (1, "")
    assert "run the-other-run is at work" in done.stderr


def test_a_failed_gate_names_rows_and_fails_again(lake: Path) -> None:
    import duckdb

    path = lake / "ai-lakehouse-project/silver/user_events/event_type=click/event_date=2025-06-17/part-00000.parquet"
    content = duckdb.read_parquet(str(path))
    broken = content.select("* REPLACE (CASE WHEN user_id = 'u003' THEN NULL ELSE user_id END AS user_id)")
    broken.write_parquet(str(path.with_suffix(".new")), compression="snappy")
    path.with_suffix(".new").replace(path)
    checked = lakebox("dq", "--lake", str(lake))
    assert checked.returncode == 1
    assert 'IsComplete "user_id"' in checked.stderr
    assert "Quality gate FAILED" in checked.stdout
    assert "Traceback" not in checked.stderr
    report = json.loads((lake / "ai-lakehouse-project/reports/dq_report.json").read_text())
    failed = [rule for rule in report["rules"] if rule["outcome"] == "FAILED"]
    assert {rule["rule"] for rule in failed} == {'IsComplete "user_id"'}
    assert failed[0]["samples"]
    again = lakebox("run", "--lake", str(lake), "--raw", str(REPOSITORY / "sample_data"), JAVA_HOME="/nowhere")
    assert again.returncode == 1
    assert 'IsComplete "user_id"' in again.stderr
