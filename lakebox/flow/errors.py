"""What goes wrong with the flow."""

from jobs.lake.errors import LakeboxError


class FlowError(LakeboxError):
    """The flow can't be started, or did not end well."""

    def __init__(self, message: str, exit_status: int = 1) -> None:
        super().__init__(message)
        self.exit_status = exit_status
