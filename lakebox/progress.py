"""Shows how a run goes on, job by job: with a spinner on a terminal, in plain lines elsewhere."""

from types import TracebackType

from rich.markup import escape
from rich.status import Status

from lakebox.console import wide_console
from lakebox.steps import Progress, Step

TITLES = {
    "raw_to_bronze": "raw -> Bronze",
    "bronze_to_silver": "Bronze -> Silver",
    "check_silver": "quality gate",
    "silver_to_gold": "Silver -> Gold",
}


class RunScreen:
    """Progress of a run: a line for each job that has ended, and on a terminal a spinner for the one at work.

    steps: the jobs that have ended well, also where a later one failed.
    """

    def __init__(self) -> None:
        self.console = wide_console(stderr=True)
        self.steps: list[Step] = []
        self._status: Status | None = None
        self.progress = Progress(self._started, self._ended, self.say)

    def __enter__(self) -> "RunScreen":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _started(self, job_name: str) -> None:
        self._stop()
        if self.console.is_terminal:
            self._status = self.console.status(TITLES.get(job_name, job_name))
            self._status.start()

    def _ended(self, step: Step) -> None:
        self._stop()
        self.steps.append(step)
        mark = "[dim]-[/]" if step.outcome.skipped else "[green]✓[/]"
        line = f"{mark} {TITLES[step.job_name]:<17} {escape(step.outcome.summary)} [dim]({step.duration_s:.1f} s)[/]"
        self.console.print(line, soft_wrap=True)

    def say(self, text: str) -> None:
        """Say what is being done, or what the user should know, between the lines of the jobs."""
        if self._status is not None:
            self._status.update(text)
        else:
            self.console.print(f"[dim]  {escape(text)}[/]", soft_wrap=True)

    def _stop(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None
