"""What a check says: a line of a file, where it matters, and what to do."""

from dataclasses import dataclass

GLUE_5_1, GLUE_6_0, LAKEBOX = "Glue 5.1", "Glue 6.0", "lakebox"
BOTH = (GLUE_5_1, GLUE_6_0)
EVERYWHERE = (*BOTH, LAKEBOX)


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that a check found.

    fails: it would not run there; else it is worth knowing. where: of EVERYWHERE. path: the file
    """

    path: str
    line: int
    fails: bool
    where: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        return (
            f"{self.path}:{self.line}: {'fails on' if self.fails else 'note for'} {', '.join(self.where)}: {self.text}"
        )
