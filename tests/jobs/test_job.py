"""A job's arguments, in Glue's form."""

from datetime import UTC, date, datetime

import pytest

from jobs.arguments import GLUE_OWN, OURS, JobArguments, UsageError, job_arguments
from jobs.lake.run_records import new_run_id

NOW = datetime(2024, 5, 6, 23, 8, 9, 123, tzinfo=UTC)


def settings(*argv: str, required: tuple[str, ...] = ("lake_uri",)) -> JobArguments:
    return job_arguments(argv, required, NOW)


def problem(*argv: str, required: tuple[str, ...] = ("lake_uri",)) -> str:
    with pytest.raises(UsageError) as caught:
        job_arguments(argv, required, NOW)
    assert caught.value.exit_status == 2
    return str(caught.value)


def test_only_the_lake_is_needed_and_the_clock_gives_the_rest() -> None:
    assert settings("--lake_uri", "/lake") == JobArguments(
        lake_uri="/lake",
        raw_uri=None,
        mapping_uri=None,
        training_date=date(2024, 5, 6),
        run_id="20240506T230809.000123Z",
        run_started_at=NOW,
        recheck=False,
    )


def test_every_argument_is_read_in_both_forms() -> None:
    given = {
        "lake_uri": "s3://lake/x",
        "raw_uri": "s3://raw",
        "mapping_uri": "m.toml",
        "training_date": "2024-02-29",
        "run_id": "run-1",
        "run_started_at": "2024-05-06T01:30:00+02:00",
        "recheck": "TRUE",
    }
    assert set(given) == set(OURS)
    spaced = settings(*[word for name, value in given.items() for word in (f"--{name}", value)])
    assert spaced == settings(*[f"--{name}={value}" for name, value in given.items()])
    assert spaced == JobArguments(
        lake_uri="s3://lake/x",
        raw_uri="s3://raw",
        mapping_uri="m.toml",
        training_date=date(2024, 2, 29),
        run_id="run-1",
        run_started_at=datetime(2024, 5, 5, 23, 30, tzinfo=UTC),
        recheck=True,
    )


def test_a_value_may_hold_an_equals_sign_or_stand_after_one() -> None:
    assert settings("--lake_uri=/a=b").lake_uri == "/a=b"
    assert settings("--lake_uri", "/a=b").lake_uri == "/a=b"


def test_the_last_of_repeated_arguments_holds() -> None:
    assert settings("--lake_uri", "/one", "--lake_uri=/two").lake_uri == "/two"


def test_the_training_date_is_the_day_on_which_the_run_started() -> None:
    assert settings("--lake_uri=/x", "--run_started_at=2024-01-01T00:30:00+01:00").training_date == date(2023, 12, 31)
    assert settings("--lake_uri=/x", "--run_started_at=2024-01-01T00:30:00").training_date == date(2024, 1, 1)


def test_a_runs_name_is_its_start_and_sorts_by_time() -> None:
    assert new_run_id(NOW) == "20240506T230809.000123Z"
    assert settings("--lake_uri=/x", "--run_started_at=2024-01-01T00:30:00Z").run_id == "20240101T003000.000000Z"


def test_what_glue_adds_is_left_alone() -> None:
    glue = ["--JOB_NAME", "raw_to_bronze", "--enable-metrics", "--enable-glue-datacatalog", "true", "--conf"]
    glue += ["spark.a=b", "--TempDir=s3://temp/", "--job-bookmark-option", "job-bookmark-disable", "--extra-py-files="]
    assert settings(*glue, "--lake_uri", "/lake") == settings("--lake_uri", "/lake")
    assert settings(*[word for name in sorted(GLUE_OWN) for word in (f"--{name}", "x")], "--lake_uri", "/lake")


def test_a_flag_without_a_value_takes_nothing_from_the_next_argument() -> None:
    assert settings("--enable-metrics", "--lake_uri", "/lake", "--enable-job-insights").lake_uri == "/lake"


def test_unknown_arguments_are_ignored_in_glue_only() -> None:
    assert settings("--JOB_RUN_ID", "jr_1", "--new-glue-thing", "x", "--lake_uri", "/lake").lake_uri == "/lake"
    assert problem("--new-glue-thing", "x", "--lake_uri", "/lake").startswith("--new-glue-thing is not an argument")


def test_a_typo_is_an_error_that_names_what_was_meant() -> None:
    assert problem("--lake_uri=/x", "--training-date=2024-01-01") == (
        "--training-date is not an argument of this job; did you mean --training_date?"
    )
    assert problem("--lakeuri", "/x") == "--lakeuri is not an argument of this job; did you mean --lake_uri?"
    assert problem("--zzz", "/x").endswith("known: " + ", ".join(f"--{name}" for name in OURS))


@pytest.mark.parametrize("argv", [(), ("--lake_uri", ""), ("--lake_uri",), ("--raw_uri", "/raw")])
def test_a_missing_argument_is_named_with_what_it_is(argv: tuple[str, ...]) -> None:
    assert problem(*argv) == "--lake_uri is missing (root of the lake: a folder or s3://bucket/prefix)"


def test_each_job_says_which_arguments_it_needs() -> None:
    assert problem("--lake_uri", "/x", required=("lake_uri", "raw_uri")).startswith("--raw_uri is missing")
    assert settings("--lake_uri", "/x", "--raw_uri", "/r", required=("lake_uri", "raw_uri")).raw_uri == "/r"


@pytest.mark.parametrize("argv", [("stray",), ("--lake_uri", "/x", "stray"), ("--lake_uri=/x", "stray")])
def test_a_word_that_belongs_to_no_name_is_an_error(argv: tuple[str, ...]) -> None:
    assert problem(*argv) == "'stray' stands alone; arguments are written --name value"


@pytest.mark.parametrize("day", ["20240101", "2024-1-1", "2024-02-30", "today", "01.01.2024"])
def test_a_training_date_is_written_in_one_way(day: str) -> None:
    assert problem("--lake_uri=/x", f"--training_date={day}") == (
        f"--training_date {day!r} is not a day of 1970 to 2100; write it as YYYY-MM-DD"
    )


def test_a_start_that_is_no_time_is_an_error() -> None:
    assert problem("--lake_uri=/x", "--run_started_at=noon") == (
        "--run_started_at 'noon' is not a time; write it as YYYY-MM-DDTHH:MM:SSZ"
    )


@pytest.mark.parametrize(("value", "recheck"), [("true", True), ("false", False), ("", False), ("1", False)])
def test_recheck_is_true_where_it_says_so(value: str, recheck: bool) -> None:
    assert settings("--lake_uri=/x", f"--recheck={value}").recheck is recheck
