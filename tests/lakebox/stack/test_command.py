"""The verbs that the host hands to the stack: the command line that docker gets, and what is mounted for it."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from jobs.lake.store import StorageError
from lakebox.cli import main
from lakebox.settings import REPOSITORY, read_settings
from lakebox.stack import compose
from lakebox.stack.command import SERVICES, in_stack, is_on_host, run_in_stack
from lakebox.stack.compose import StackError

HEAD = ["run", "--rm", "--no-deps", "--no-TTY"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What `docker compose` was asked last, on a host whose stack runs; it ends with status 3."""
    words: list[str] = []

    def attached(*arguments: str) -> int:
        words[:] = arguments
        return 3

    for name in ("LAKEBOX_METASTORE_URI", "LAKEBOX_S3_ENDPOINT", "LAKEBOX_RAW", "LAKEBOX_MAPPING"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LAKEBOX_TARGET", "compose")
    monkeypatch.setattr(compose, "running_services", lambda: {*SERVICES, "minio"})
    monkeypatch.setattr(compose, "compose_attached", attached)
    return words


def lakebox(*arguments: str) -> int:
    return CliRunner().invoke(main, arguments).exit_code


def test_a_run_mounts_what_its_flags_name_read_only_at_the_same_paths(asked: list[str], tmp_path: Path) -> None:
    raw, mapping = tmp_path / "my raw, events", tmp_path / "mapping.toml"
    raw.mkdir()
    mapping.touch()
    status = lakebox("run", "--raw", str(raw), "--mapping", str(mapping), "--training_date", "2025-06-18")
    assert status == 3
    mounts = ["--volume", f"{raw}:{raw}:ro", "--volume", f"{mapping}:{mapping}:ro"]
    words = ["--raw", str(raw), "--mapping", str(mapping), "--training_date", "2025-06-18"]
    assert asked == [*HEAD, *mounts, "lakebox", "run", *words]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], ["run"]),
        (["run", "--raw", "s3://bucket/raw"], ["run", "--raw", "s3://bucket/raw"]),
        (["run", "--raw", "sample_data/2025-06-17"], ["run", "--raw", "/lakebox/sample_data/2025-06-17"]),
        (["crawl"], ["crawl"]),
        (["crawl", "gold_user_features"], ["crawl", "gold_user_features"]),
        (["dq"], ["dq"]),
    ],
)
def test_what_the_stack_has_already_needs_no_mount(
    asked: list[str], monkeypatch: pytest.MonkeyPatch, arguments: Sequence[str], words: Sequence[str]
) -> None:
    monkeypatch.chdir(REPOSITORY)
    assert lakebox(*arguments) == 3
    assert asked == [*HEAD, "lakebox", *words]


@pytest.mark.usefixtures("asked")
def test_a_stack_that_does_not_run_is_said_with_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose, "running_services", lambda: SERVICES - {"trino"})
    with pytest.raises(StackError, match=r"does not run \(missing: minio, trino\); lakebox up starts it"):
        run_in_stack("dq", [])
    monkeypatch.setenv("LAKEBOX_S3_ENDPOINT", "http://192.0.2.7:9000")
    with pytest.raises(StackError, match=r"missing: trino\)"):
        run_in_stack("dq", [])


def test_a_path_with_a_colon_is_refused_in_one_line(asked: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "2025-06-17T10:00"
    folder.mkdir()
    done = CliRunner().invoke(main, ["run", "--raw", str(folder)])
    assert (done.exit_code, done.output.count("\n")) == (1, 1)
    assert f"{folder}: Docker can't mount a path with a colon; rename it" in done.output
    assert asked == []


def test_a_path_is_made_absolute_and_its_links_are_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "link").symlink_to("raw")
    monkeypatch.chdir(tmp_path)
    there = str((tmp_path / "raw").resolve())
    assert in_stack("link") == in_stack(f"file://{tmp_path}/raw") == (there, [there])
    with pytest.raises(StorageError, match="no such file or folder"):
        in_stack("nowhere")


@pytest.mark.usefixtures("asked")
def test_inside_the_stack_and_on_the_embedded_target_a_verb_works_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_on_host(read_settings())
    assert not is_on_host(read_settings(target="embedded"))
    monkeypatch.setenv("LAKEBOX_METASTORE_URI", "thrift://metastore:9083")
    assert not is_on_host(read_settings())
