"""The README's story in AWS's own commands, against the stack."""

from pathlib import Path

import pytest
from readme_story import assert_told
from stack.api_target import delete_bucket, stack_target, user_environment
from stack.running_stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]


def test_aws_commands_tell_the_story_on_the_stack(stack: Stack, tmp_path: Path) -> None:
    stack.start_over()
    target = stack_target(stack)
    target.start_over()
    stack.lakebox("deploy")
    try:
        assert_told(user_environment(stack, tmp_path / "home"))
    finally:
        delete_bucket(target.s3, "team-raw")
