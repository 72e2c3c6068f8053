"""Spark's classes from an archive: an option where there is one, and nothing but speed depends on it."""

import zipfile
from pathlib import Path

import pytest

from lakebox.spark import class_archive
from lakebox.spark import jvm as spark_jvm
from lakebox.spark.local_jvm import environment


def test_without_an_archive_there_is_no_option(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(class_archive, "ARCHIVE", tmp_path / "none.jsa")
    assert class_archive.archive_options() == []


def test_an_archive_is_named_whatever_its_path_has(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    archive = tmp_path / "a b" / "classes.jsa"
    archive.parent.mkdir()
    archive.touch()
    monkeypatch.setattr(class_archive, "ARCHIVE", archive)
    assert class_archive.archive_options()[0] == f"-XX:SharedArchiveFile={archive}"


def test_where_none_can_be_made_it_says_so_and_ends_well(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(class_archive, "ARCHIVE", tmp_path / "classes.jsa")
    monkeypatch.setattr(class_archive, "UNSIGNED", tmp_path / "jars")
    monkeypatch.setattr(class_archive, "SAMPLE", tmp_path / "no sample data")
    class_archive.main()
    assert "no class archive, so Spark starts as slowly as ever" in capsys.readouterr().err
    assert not class_archive.ARCHIVE.exists()


def jar(path: Path, entries: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as made:
        for name, content in entries.items():
            made.writestr(name, content)


def test_signed_jars_are_copied_without_their_signatures(tmp_path: Path) -> None:
    manifest = "Manifest-Version: 1.0\r\nBuilt-By: x\r\n\r\nName: a/B.class\r\nSHA-256-Digest: y\r\n\r\n"
    content = {"META-INF/MANIFEST.MF": manifest, "a/B.class": "code", "a/C.SF": "no signature"}
    jar(tmp_path / "jars/signed.jar", {**content, "META-INF/X.SF": "s", "META-INF/X.DSA": "s", "META-INF/y.rsa": "s"})
    jar(tmp_path / "jars/plain.jar", content)
    (tmp_path / "copies").mkdir()
    (tmp_path / "copies/old.jar").touch()
    class_archive.copy_unsigned(tmp_path / "jars", tmp_path / "copies")
    assert [path.name for path in (tmp_path / "copies").iterdir()] == ["signed.jar"]
    with zipfile.ZipFile(tmp_path / "copies/signed.jar") as copy:
        assert {name: copy.read(name).decode() for name in copy.namelist()} == {
            **content,
            "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\r\nBuilt-By: x\r\n\r\n",
        }


def test_copies_of_another_spark_are_not_on_the_class_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(spark_jvm, "UNSIGNED", tmp_path)
    janino = next((spark_jvm.spark_home() / "jars").glob("janino-*.jar")).name
    for name in (janino, "janino-0.0.0.jar"):
        (tmp_path / name).touch()
    assert spark_jvm.class_path().startswith(f"{tmp_path / janino}:{spark_jvm.spark_home()}/conf:")
    assert "janino-0.0.0" not in spark_jvm.class_path()


@pytest.mark.slow
@pytest.mark.spark
def test_one_is_made_from_the_sample_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(class_archive, "ARCHIVE", tmp_path / "share" / "classes.jsa")
    monkeypatch.setattr(class_archive, "UNSIGNED", tmp_path / "jars")
    class_archive.make_archive(environment())
    assert class_archive.ARCHIVE.stat().st_size > 50_000_000
