"""Spark's classes from an archive: an option where there is one, and nothing but speed depends on it."""

from pathlib import Path

import pytest

from lakebox.spark import class_archive


def test_without_an_archive_there_is_no_option(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(class_archive, "ARCHIVE", tmp_path / "none.jsa")
    assert class_archive.archive_options() == []


def test_an_archive_is_named_whatever_its_path_has(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    archive = tmp_path / "a b" / "classes.jsa"
    archive.parent.mkdir()
    archive.touch()
    monkeypatch.setattr(class_archive, "ARCHIVE", archive)
    assert class_archive.archive_options()[0] == f"-XX:SharedArchiveFile={archive}"


def test_a_failed_archive_is_no_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(class_archive, "ARCHIVE", tmp_path / "classes.jsa")
    monkeypatch.setattr(class_archive, "SAMPLE", tmp_path / "no sample data")
    class_archive.main()
    assert "no class archive, so Spark starts as slowly as ever" in capsys.readouterr().err
    assert not class_archive.ARCHIVE.exists()


def test_make_has_made_one() -> None:
    assert class_archive.ARCHIVE.stat().st_size > 50_000_000, "make .venv/run says why there is none"
