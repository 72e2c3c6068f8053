"""The root of lakebox's errors: each message is one line that says what is wrong and what to do."""


class LakeboxError(Exception):
    """The work failed. `exit_status` is what a command ends with: 1, or 2 where the command was used wrongly."""

    exit_status = 1
