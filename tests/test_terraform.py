"""A project of Terraform against an embedded endpoint, as its users have it: only the environment points there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from terraform import Terraform, check_project

from lakebox.api.clients import clients_of
from lakebox.api.serve import serving
from lakebox.endpoint.keys import variables

pytestmark = [pytest.mark.slow, pytest.mark.spark, pytest.mark.timeout(1800)]


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[Any]:
    """An endpoint, whose answers are checked against AWS's models."""
    with serving(str(tmp_path / "lake"), checked=True, lasting=True) as found:
        yield found


def test_a_project_is_applied_changed_and_destroyed(endpoint: Any, tmp_path: Path) -> None:
    terraform = Terraform(tmp_path / "project", variables(endpoint.keys, endpoint.url))
    check_project(terraform, clients_of(endpoint.keys, endpoint.url, endpoint.url))
