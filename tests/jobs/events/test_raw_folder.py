"""Which files of a raw folder are read, which are new, and which are named because their ending is not read."""

from pathlib import Path

import pytest
from corpus import CORPUS, make_corpus

from jobs.events.raw_folder import RawFolderError, raw_folder
from jobs.lake.open_store import open_store
from jobs.lake.store import Store


def folder_with(path: Path, *names: str) -> Store:
    for name in names:
        open_store(str(path)).write(name, b"{}")
    (path / "_state/staging").rmdir()
    (path / "_state").rmdir()
    return open_store(str(path))


def test_files_are_read_for_their_ending(tmp_path: Path) -> None:
    make_corpus(tmp_path)
    read = [stored.key for stored in raw_folder(open_store(str(tmp_path))).files]
    assert read == sorted(entry.name for entry in CORPUS if entry.read)


def test_files_of_other_endings_are_named_and_counted(tmp_path: Path) -> None:
    store = folder_with(tmp_path, "a.json", "b.csv", "day/c.json.bz2", "part-00000", "z.txt", "_hidden.csv", ".x")
    folder = raw_folder(store)
    assert folder.left_alone == ("b.csv", "day/c.json.bz2", "part-00000", "z.txt")
    assert folder.note == "4 files have another ending and are left alone: b.csv, day/c.json.bz2, part-00000, …"
    assert raw_folder(folder_with(tmp_path / "one", "a.json", "b.csv")).note == (
        "1 file has another ending and is left alone: b.csv"
    )
    assert raw_folder(folder_with(tmp_path / "none", "a.json")).note == ""


def test_a_folder_of_other_endings_alone_fails(tmp_path: Path) -> None:
    with pytest.raises(RawFolderError, match=r"no file to read: .* \.json, \.jsonl or \.ndjson .* alone: b\.csv$"):
        raw_folder(folder_with(tmp_path, "b.csv"))


def test_an_empty_folder_fails_on_the_first_run(tmp_path: Path) -> None:
    assert raw_folder(open_store(str(tmp_path))).files == ()
    with pytest.raises(RawFolderError, match="no file to read"):
        raw_folder(open_store(str(tmp_path)), may_be_empty=False)


def test_lakes_below_the_folder_are_not_read(tmp_path: Path) -> None:
    for name in (
        "a.json",
        "lake/_state/lock",
        "lake/reports/dq_report.json",
        "x/mine/_state/bronze.json",
        "x/mine/b.csv",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    folder = raw_folder(open_store(str(tmp_path)))
    assert ([stored.key for stored in folder.files], folder.left_alone) == (["a.json"], ())


def test_a_lake_is_no_raw_folder(tmp_path: Path) -> None:
    (tmp_path / "_state").mkdir()
    (tmp_path / "_state/lock").touch()
    with pytest.raises(RawFolderError, match="is a lake; name the folder of your raw files with --raw"):
        raw_folder(open_store(str(tmp_path)))


def test_a_changed_file_is_new_again(tmp_path: Path) -> None:
    store = folder_with(tmp_path, "a.json", "b.json")
    seen = [mark for _, mark in raw_folder(store).new_files(())]
    assert raw_folder(store).new_files(seen) == []
    (tmp_path / "b.json").write_text("{ }")
    assert [stored.key for stored, _ in raw_folder(store).new_files(seen)] == ["b.json"]
