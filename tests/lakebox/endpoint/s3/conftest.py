"""An endpoint for S3 over a folder, and an empty bucket in it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from s3_sandbox import KEYS, client

from lakebox.endpoint.buckets import Buckets
from lakebox.endpoint.s3.multipart import Uploads
from lakebox.endpoint.s3.objects import Objects
from lakebox.endpoint.s3.service import S3
from lakebox.endpoint.server import Endpoint, running


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lake")


@pytest.fixture(scope="module")
def url(root: Path) -> Iterator[str]:
    objects = Objects(Buckets(root), root / ".lakebox")
    with running(Endpoint({}, KEYS, s3=S3(objects, Uploads(objects, root / ".lakebox" / "uploads")))) as address:
        yield address
    objects.close()


@pytest.fixture
def s3(url: str, root: Path, request: pytest.FixtureRequest) -> Any:
    """A client; the bucket `data` is empty."""
    made = client(url)
    shutil.rmtree(root / "data", ignore_errors=True)
    (root / "data").mkdir()
    return made
