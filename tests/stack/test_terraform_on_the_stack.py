"""A project of Terraform on the stack: the same as on the embedded target, with S3 asked at the stack's API, too."""

from pathlib import Path

import pytest
from stack.api_target import user_environment
from stack.running_stack import Stack
from terraform import Terraform, check_project

from lakebox.api.clients import clients_of
from lakebox.endpoint.keys import Keys

pytestmark = [pytest.mark.stack, pytest.mark.long, pytest.mark.timeout(1800)]


def test_a_project_is_applied_changed_and_destroyed(stack: Stack, tmp_path: Path) -> None:
    environment = user_environment(stack, tmp_path / "home")
    del environment["AWS_ENDPOINT_URL_S3"]
    keys = Keys(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    url = environment["AWS_ENDPOINT_URL"]
    check_project(Terraform(tmp_path / "project", environment), clients_of(keys, url, url))
