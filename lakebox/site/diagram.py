"""The pipeline as boxes and arrows: jobs in the order of the triggers, each with the crawlers and tables behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

from lakebox.site.definitions import Definitions, JobDefinition

WIDTH, HEIGHT = 214, 50  # of a box
ACROSS, DOWN = 296, 74  # from one box to the next
MARGIN = 2


@dataclass(frozen=True)
class Box:
    """A job, crawler or table. href: where a click leads; note: the line below its name; state: good, bad or empty."""

    id: str
    kind: str
    title: str
    note: str
    href: str
    state: str = ""


@dataclass(frozen=True)
class Placed:
    """A box with its place."""

    box: Box
    x: int
    y: int


@dataclass(frozen=True)
class Diagram:
    """Boxes with places, arrows as SVG paths, and the size of it all."""

    placed: tuple[Placed, ...]
    arrows: tuple[str, ...]
    width: int
    height: int


@dataclass(frozen=True)
class Stage:
    """A job, and below it what follows before the next job: rows of crawlers, each with its tables."""

    job: Box
    branches: tuple[tuple[Box, ...], ...]


def job_order(definitions: Definitions) -> list[JobDefinition]:
    """The jobs as the triggers start them; those that no trigger starts come last."""
    order: list[str] = []
    waiting = [name for trigger in definitions.triggers if not trigger.after for name in trigger.starts]
    while waiting:
        name = waiting.pop(0)
        if name not in order:
            order.append(name)
            waiting += [each for trigger in definitions.triggers if name in trigger.after for each in trigger.starts]
    named = {job.name: job for job in definitions.jobs}
    return [named[name] for name in order if name in named] + [job for job in definitions.jobs if job.name not in order]


def crawlers_after(definitions: Definitions, job: str) -> list[str]:
    """The crawlers that a trigger starts when a job has succeeded."""
    names = {crawler.name for crawler in definitions.crawlers}
    started = [name for trigger in definitions.triggers if job in trigger.after for name in trigger.starts]
    return [name for name in dict.fromkeys(started) if name in names]


def wide(stages: Sequence[Stage]) -> Diagram:
    """For wide screens: jobs from left to right, what follows each below it."""
    return _drawn(stages, is_tall=False)


def tall(stages: Sequence[Stage]) -> Diagram:
    """For phones: jobs from top to bottom, what follows each indented below it."""
    return _drawn(stages, is_tall=True)


def _drawn(stages: Sequence[Stage], *, is_tall: bool) -> Diagram:
    placed: list[Placed] = []
    arrows: list[str] = []
    x = y = MARGIN
    before: Placed | None = None
    for stage in stages:
        job = Placed(stage.job, x, y)
        placed.append(job)
        if before is not None:
            arrows.append(_down(before, job) if is_tall else _right(before, job))
        before, depth = job, 0
        for branch in stage.branches:
            parent, inset = job, 0
            for box in branch:
                depth, inset = depth + 1, inset + 20
                child = Placed(box, x + inset, y + depth * (DOWN - 12))
                placed.append(child)
                arrows.append(_elbow(parent, child))
                parent = child
        x, y = (x, y + (depth + 1) * (DOWN - 12) + 12) if is_tall else (x + ACROSS, y)
    width = max((each.x for each in placed), default=0) + WIDTH + MARGIN
    height = max((each.y for each in placed), default=0) + HEIGHT + MARGIN
    return Diagram(tuple(placed), tuple(arrows), width, height)


def _right(left: Placed, right: Placed) -> str:
    return f"M{left.x + WIDTH} {left.y + HEIGHT // 2}H{right.x - 3}"


def _down(upper: Placed, lower: Placed) -> str:
    """Down the left edge, past what is indented."""
    return f"M{upper.x + 8} {upper.y + HEIGHT}V{lower.y - 3}"


def _elbow(parent: Placed, child: Placed) -> str:
    """Down from the parent's left side, then right to the child."""
    return f"M{parent.x + 10} {parent.y + HEIGHT}V{child.y + HEIGHT // 2}H{child.x - 3}"
