"""A Glue client over an empty sandbox."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from job_sandbox import open_sandbox


@pytest.fixture
def glue(tmp_path: Path) -> Iterator[Any]:
    """boto3's client; every answer is checked against botocore's model."""
    for sandbox in open_sandbox(tmp_path):
        yield sandbox.glue
