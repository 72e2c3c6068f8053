"""The README's story in AWS's own commands, against the embedded target."""

from pathlib import Path

import pytest
from client_lines import environment_of
from commands import lakebox
from readme_story import assert_told

from lakebox.api.serve import serving
from lakebox.endpoint.keys import variables

pytestmark = [pytest.mark.spark, pytest.mark.slow, pytest.mark.timeout(1200)]


def test_aws_commands_tell_the_whole_story(tmp_path: Path) -> None:
    assert lakebox("deploy", "--lake", str(tmp_path / "lake")).returncode == 0
    with serving(str(tmp_path / "lake")) as endpoint:
        assert_told(environment_of(variables(endpoint.keys, endpoint.url), tmp_path / "home"))
