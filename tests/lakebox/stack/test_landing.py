"""Landing raw files in the stack's bucket: where they land, and what is written again, which jobs take for news."""

import hashlib
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from boto3.s3.transfer import TransferConfig

from jobs.lake.store import StorageError
from lakebox.settings import REPOSITORY, Settings, SettingsError, StackSettings
from lakebox.stack import landing
from lakebox.stack.landing import etag, land, landing_prefix

MIB = 2**20


@dataclass
class Bucket:
    """A raw bucket beside a raw folder, and the requests that landing made."""

    name: str
    folder: Path
    client: Any
    settings: Settings
    asked: list[str]

    def land(self) -> list[str]:
        """Land the folder; the requests that it took, the listing aside."""
        self.asked.clear()
        assert land(self.settings).raw_uri == f"s3://{self.name}/{landing_prefix(self.folder).rstrip('/')}"
        return sorted(name for name in self.asked if name != "ListObjectsV2")

    def content(self, name: str) -> bytes:
        body: bytes = self.client.get_object(Bucket=self.name, Key=landing_prefix(self.folder) + name)["Body"].read()
        return body


@pytest.fixture
def raw(s3_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    folder, name, asked = tmp_path / "raw", s3_uri.split("/")[2], []
    (folder / "day").mkdir(parents=True)
    (folder / "day" / "a.json").write_text("{}")
    (folder / "b.jsonl").write_text('{"user_id": 1}\n')
    client_of = landing._client

    def watched(stack: StackSettings) -> Any:
        client = client_of(stack)
        client.meta.events.register("before-call.s3", lambda model, **_: asked.append(model.name))
        return client

    monkeypatch.setattr(landing, "_client", watched)
    stack = StackSettings(True, "", "", raw_bucket=name, landing_credentials=str(tmp_path / "credentials"))
    settings = Settings("compose", "s3://lake", str(folder), None, stack)
    return Bucket(name, folder, boto3.client("s3"), settings, asked)


@pytest.fixture
def other_etags(monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects get ETags that nobody can work out from their content, as with KMS."""
    monkeypatch.setattr(landing, "etag", lambda stream: f"not {etag(stream)}")


def test_files_land_under_their_path_and_others_do_not(raw: Bucket) -> None:
    (raw.folder / "notes.txt").write_text("no events")
    (raw.folder / "_hidden").mkdir()
    (raw.folder / "_hidden" / "c.json").write_text("{}")
    assert raw.land() == ["PutObject", "PutObject"]
    listed = raw.client.list_objects_v2(Bucket=raw.name)["Contents"]
    prefix = raw.folder.resolve().as_posix().lstrip("/")
    assert [item["Key"] for item in listed] == [f"{prefix}/b.jsonl", f"{prefix}/day/a.json"]


def test_what_is_there_with_the_same_content_costs_no_request(raw: Bucket) -> None:
    raw.land()
    assert raw.land() == []
    (raw.folder / "b.jsonl").touch()
    assert raw.land() == []


@pytest.mark.parametrize("changed", ['{"user_id": 2}\n', '{"user_id": 10}\n', ""], ids=["same size", "longer", "empty"])
def test_changed_content_is_landed_again_and_it_alone(raw: Bucket, changed: str) -> None:
    raw.land()
    (raw.folder / "b.jsonl").write_text(changed)
    assert [name for name in raw.land() if name != "HeadObject"] == ["PutObject"]
    assert raw.content("b.jsonl") == changed.encode()
    assert raw.land() == []


@pytest.mark.usefixtures("other_etags")
def test_where_etags_say_nothing_of_the_content_the_metadata_does(raw: Bucket) -> None:
    raw.land()
    assert raw.land() == ["HeadObject", "HeadObject"]
    (raw.folder / "b.jsonl").write_text('{"user_id": 2}\n')
    assert raw.land() == ["HeadObject", "HeadObject", "PutObject"]
    assert raw.land() == ["HeadObject", "HeadObject"]


def test_an_object_without_our_metadata_counts_by_its_etag(raw: Bucket) -> None:
    for name in ("day/a.json", "b.jsonl"):
        content = (raw.folder / name).read_bytes()
        raw.client.put_object(Bucket=raw.name, Key=landing_prefix(raw.folder) + name, Body=content)
    assert raw.land() == []


@pytest.mark.parametrize("size", [0, 1, 5 * MIB - 1, 5 * MIB, 5 * MIB + 1, 10 * MIB])
def test_the_etag_is_the_one_that_s3_gives_to_one_part_or_more(
    raw: Bucket, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    parts = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    monkeypatch.setattr(landing, "PART", 5 * MIB)
    monkeypatch.setattr(landing, "TRANSFER", parts)
    (raw.folder / "b.jsonl").write_bytes(b"x" * size)
    raw.land()
    head = raw.client.head_object(Bucket=raw.name, Key=landing_prefix(raw.folder) + "b.jsonl")
    assert head["ETag"].strip('"') == etag(io.BytesIO(b"x" * size)) == head["Metadata"]["lakebox-etag"]
    assert ("-" in head["ETag"]) == (size >= 5 * MIB)
    assert raw.land() == []


def test_a_small_objects_etag_is_its_md5() -> None:
    assert etag(io.BytesIO(b"abc")) == hashlib.md5(b"abc", usedforsecurity=False).hexdigest()


def test_a_folder_of_the_repository_lands_under_its_path_there() -> None:
    assert landing_prefix(REPOSITORY / "sample_data") == "sample_data/"
    assert landing_prefix(REPOSITORY) == f"{REPOSITORY.as_posix()[1:]}/"
    assert landing_prefix(Path("/data/raw/../events")) == "data/events/"


def test_a_file_uri_lands_as_its_path_does(raw: Bucket) -> None:
    raw.land()
    raw.settings = replace(raw.settings, raw_uri=f"file://{raw.folder}")
    assert raw.land() == []


@pytest.mark.parametrize("uri", ["s3://bucket/raw", "s3a://bucket/raw"])
def test_what_is_in_s3_is_read_where_it_is(raw: Bucket, uri: str) -> None:
    assert land(replace(raw.settings, raw_uri=uri)).raw_uri == uri
    assert raw.asked == []


def test_on_the_embedded_target_nothing_lands(raw: Bucket) -> None:
    assert land(replace(raw.settings, stack=None)).raw_uri == str(raw.folder)
    assert raw.asked == []


def test_without_the_landing_steps_credentials_it_says_where_to_run(raw: Bucket) -> None:
    assert raw.settings.stack is not None
    stack = replace(raw.settings.stack, landing_credentials=None)
    with pytest.raises(SettingsError, match="docker compose run --rm lakebox run"):
        land(replace(raw.settings, stack=stack))


def test_a_bucket_that_is_not_there_is_one_clear_line(raw: Bucket) -> None:
    assert raw.settings.stack is not None
    stack = replace(raw.settings.stack, raw_bucket="nowhere")
    with pytest.raises(StorageError, match=r"^cannot land .* in s3://nowhere: .*; is the stack up\? lakebox status"):
        land(replace(raw.settings, stack=stack))


def test_a_folder_that_is_not_there_is_said_so(raw: Bucket) -> None:
    with pytest.raises(StorageError, match="no such folder"):
        land(replace(raw.settings, raw_uri=f"{raw.folder}/nowhere"))


def test_a_mapping_lands_beside_the_raw_folders(raw: Bucket, tmp_path: Path) -> None:
    mapping = tmp_path / "shop.toml"
    mapping.write_text('[fields]\nevent_type = "kind"\n')
    landed = land(replace(raw.settings, mapping_uri=str(mapping))).mapping_uri or ""
    assert landed.startswith(f"s3://{raw.name}/_mappings/")
    key = landed.split("/", 3)[3]
    assert raw.client.get_object(Bucket=raw.name, Key=key)["Body"].read() == mapping.read_bytes()
    with pytest.raises(StorageError, match="no mapping file"):
        land(replace(raw.settings, mapping_uri=f"{tmp_path}/nowhere.toml"))
