"""The storage layer, on folders and on S3 alike."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError

from jobs.lake.open_store import open_store
from jobs.lake.s3 import S3Store
from jobs.lake.store import StorageError, Store


def test_what_is_written_is_read_listed_and_deleted(store: Store) -> None:
    store.write("a/b=Größe%2F 1/x.parquet", b"one")
    store.write("a/y.parquet", b"three")
    assert store.read("a/b=Größe%2F 1/x.parquet") == b"one"
    assert [(item.key, item.size) for item in store.list("a/")] == [("a/b=Größe%2F 1/x.parquet", 3), ("a/y.parquet", 5)]
    store.delete(["a/y.parquet", "a/never-there"])
    assert [item.key for item in store.list()] == ["a/b=Größe%2F 1/x.parquet"]


def test_a_missing_object_reads_as_none(store: Store) -> None:
    assert store.read("nowhere") is None
    assert store.list("nowhere/") == []
    store.delete_all("nowhere/")


def test_a_version_changes_when_the_content_does(store: Store) -> None:
    store.write("x", b"one")
    before = store.list()[0].version
    time.sleep(0.01)
    store.write("x", b"two")
    assert store.list()[0].version != before


def test_a_stream_starts_where_it_is_asked_to(store: Store) -> None:
    store.write("x", b"0123456789")
    stream = store.open("x", 4)
    assert stream.read(3) == b"456"
    assert stream.read() == b"789"
    stream.close()


def test_a_move_replaces_what_was_there(store: Store) -> None:
    store.write("new", b"new")
    store.write("table/part", b"old")
    store.move("new", "table/part")
    assert store.read("table/part") == b"new"
    assert store.read("new") is None


def test_a_folder_moves_whole(store: Store) -> None:
    store.write("from/1", b"1")
    store.write("from/2", b"2")
    store.move_all("from/", "to/batch=1/")
    assert [item.key for item in store.list()] == ["to/batch=1/1", "to/batch=1/2"]


def test_a_lock_has_one_holder_a_time(store: Store) -> None:
    first = store.try_lock("lock", "run-1")
    assert first is not None
    with first:
        assert store.try_lock("lock", "run-2") is None
    second = store.try_lock("lock", "run-2")
    assert second is not None
    with second:
        pass


def test_a_dead_holders_folder_lock_is_free(tmp_path: Path) -> None:
    program = (
        "import sys, time\nfrom jobs.lake.open_store import open_store\n"
        "lock = open_store(sys.argv[1]).try_lock('lock', 'dead')\nlock.__enter__()\n"
        "print('held', flush=True)\ntime.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    assert open_store(str(tmp_path)).try_lock("lock", "next") is None
    holder.kill()
    holder.wait()
    holder.stdout.close()
    taken = open_store(str(tmp_path)).try_lock("lock", "next")
    assert taken is not None
    with taken:
        pass


def test_a_silent_lease_on_s3_is_taken_over(s3_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(S3Store, "LEASE_S", 2.0)
    store = open_store(s3_uri)
    store.write("lock", b"run-of-a-dead-process\n1")
    taken = store.try_lock("lock", "next")
    assert taken is not None
    with taken:
        assert (store.read("lock") or b"").startswith(b"next\n")
    assert store.read("lock") is None


def test_a_living_holder_renews_its_lease(s3_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(S3Store, "LEASE_S", 2.0)
    monkeypatch.setattr(S3Store, "HEARTBEAT_S", 0.3)
    store = open_store(s3_uri)
    lock = store.try_lock("lock", "run-1")
    assert lock is not None
    with lock:
        time.sleep(2.5)
        assert store.try_lock("lock", "run-2") is None


def test_a_lost_answer_loses_no_lease(s3_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(S3Store, "HEARTBEAT_S", 0.2)
    store = open_store(s3_uri)
    assert isinstance(store, S3Store)
    lock = store.try_lock("lock", "run-1")
    assert lock is not None
    with lock:
        store.write("lock", b"run-1\nthe beat of which no answer came")
        beats = {store.read("lock")}
        wait_until(lambda: (beats.add(store.read("lock")), len(beats) > 3)[1])
    assert store.read("lock") is None, "and it is given back"


def wait_until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not there():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_lease_kept_hides_no_error(s3_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(s3_uri)
    assert isinstance(store, S3Store)
    lock = store.try_lock("lock", "run-1")
    assert lock is not None
    with lock:
        monkeypatch.setattr(store._client.meta.events, "emit_until_response", _endpoint_is_away)


def _endpoint_is_away(*_: object, **__: object) -> None:
    raise EndpointConnectionError(endpoint_url="http://127.0.0.1:9")


def test_one_of_many_gets_the_lock(store: Store) -> None:
    taken: list[int] = []
    with ExitStack() as held:

        def take(number: int) -> None:
            lock = store.try_lock("lock", f"run-{number}")
            if lock is not None:
                held.enter_context(lock)
                taken.append(number)

        threads = [threading.Thread(target=take, args=(number,)) for number in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(taken) == 1


def test_a_dead_endpoint_is_never_no_data(s3_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    store = open_store(s3_uri)
    for ask in (store.list, lambda: store.read("x"), lambda: store.write("x", b""), lambda: store.try_lock("x", "me")):
        with pytest.raises(StorageError, match="AWS_ENDPOINT_URL_S3"):
            ask()


def test_a_missing_bucket_is_never_no_data(s3_endpoint: str) -> None:
    store = open_store("s3://no-such-bucket-at-all/lake")
    with pytest.raises(StorageError, match="no-such-bucket-at-all"):
        store.list()
    with pytest.raises(StorageError, match="bucket"):
        store.read("x")


def test_an_unreadable_folder_is_never_no_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(str(tmp_path))
    store.write("x/y", b"1")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.scandir", refuse)
    with pytest.raises(StorageError, match="Permission denied"):
        store.list()


def test_a_full_disk_leaves_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(str(tmp_path))
    store.write("x", b"before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        store.write("x", b"after")
    assert store.read("x") == b"before"


def test_a_missing_raw_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no such folder; check the path"):
        open_store(str(tmp_path / "nowhere"), must_exist=True)


def test_a_link_back_up_is_walked_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.json").write_text("{}")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    assert [item.key for item in open_store(str(tmp_path)).list()] == ["a/x.json"]


def test_unknown_storage_is_refused() -> None:
    with pytest.raises(StorageError, match="unknown storage gs://"):
        open_store("gs://bucket/x")


@pytest.mark.usefixtures("folding_disk")
def test_names_that_the_disk_folds_are_refused(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    with pytest.raises(StorageError, match="takes the folders event_type=Click and event_type=click for one"):
        store.check_folder_names(["event_type=Click", "event_type=buy", "event_type=click"])


def test_names_that_differ_are_no_problem(store: Store) -> None:
    store.check_folder_names(["click", "view", "Größe%2F 1"])
    assert store.list() == []


@pytest.mark.parametrize("name", ["lake[1]", "a:b", "a#b?c", "100%", "{a,b}*", "back\\slash", "~x", "üx"])
def test_a_path_stands_for_itself(tmp_path: Path, name: str) -> None:
    for uri in (f"{tmp_path}/{name}", f"file://{tmp_path}/{name}"):
        open_store(uri).write("x", name.encode())
    assert (tmp_path / name / "x").read_bytes() == name.encode()
    assert open_store("s3://bucket/a#b?c/d").uri("x") == "s3://bucket/a#b?c/d/x"


def test_a_file_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "raw.jsonl").touch()
    with pytest.raises(StorageError, match=r"raw\.jsonl is a file; name the folder that it lies in"):
        open_store(str(tmp_path / "raw.jsonl"))


@pytest.mark.parametrize("uri", ["x" * 300, "~no-such-user-here/lake", "a\0b"])
def test_an_impossible_path_is_one_clear_line(uri: str) -> None:
    with pytest.raises(StorageError, match="check the path"):
        open_store(uri, must_exist=True)
