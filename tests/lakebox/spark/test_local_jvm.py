"""The JVM is started ahead where a run will read raw files, and only there."""

from pathlib import Path

import pytest

from jobs.events.raw_news import raw_files_that_are_news
from jobs.lake.errors import LakeboxError
from jobs.lake.layout import BronzeState
from jobs.lake.open_store import open_store
from jobs.lake.protocol import Lake
from lakebox.settings import Settings, read_settings
from lakebox.spark import local_jvm
from lakebox.spark.local_jvm import start_ahead


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A word for each JVM that was started."""
    started: list[str] = []
    monkeypatch.setattr(local_jvm, "local_jvm", lambda: started.append("jvm"))
    return started


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/1.jsonl").write_text("{}\n")
    return read_settings(lake=str(tmp_path / "lake"), raw=str(tmp_path / "raw"), target="embedded")


def test_raw_files_that_are_news_start_it(settings: Settings, starts: list[str]) -> None:
    start_ahead(settings)
    assert starts == ["jvm"]


def test_nothing_new_starts_none(settings: Settings, starts: list[str]) -> None:
    lake, raw = Lake(open_store(settings.lake_uri)), open_store(settings.raw_uri)
    seen = tuple(mark for _, mark in raw_files_that_are_news(raw, ()))
    lake._write_state("bronze", BronzeState(1, seen).__dict__)
    start_ahead(settings)
    assert starts == []


@pytest.mark.parametrize(("lake", "raw"), [("s3://lake", ""), ("", "s3://raw"), ("", "nowhere")])
def test_what_a_look_does_not_tell_is_left_to_the_run(
    settings: Settings, starts: list[str], lake: str, raw: str
) -> None:
    start_ahead(read_settings(lake=lake or settings.lake_uri, raw=raw or settings.raw_uri, target="embedded"))
    assert starts == []


def test_so_is_a_java_that_is_not_there(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_java() -> None:
        raise LakeboxError("no Java")

    monkeypatch.setattr(local_jvm, "local_jvm", no_java)
    start_ahead(settings)


def test_so_is_a_lake_that_is_damaged(settings: Settings, starts: list[str]) -> None:
    state = Path(settings.lake_uri, "_state")
    state.mkdir(parents=True)
    (state / "bronze.json").write_text("{")
    start_ahead(settings)
    assert starts == []
