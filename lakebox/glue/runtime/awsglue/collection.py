"""`DynamicFrameCollection`: DynamicFrames by name, as transforms that make several frames give them."""

from collections.abc import Callable, Mapping
from typing import Any


class DynamicFrameCollection:
    """DynamicFrames by name, in order."""

    def __init__(self, dynamic_frames: Mapping[str, Any], glue_ctx: Any = None) -> None:
        self._frames, self.glue_ctx = dict(dynamic_frames), glue_ctx

    def keys(self) -> list[str]:
        """The names."""
        return list(self._frames)

    def values(self) -> list[Any]:
        """The frames."""
        return list(self._frames.values())

    def items(self) -> list[tuple[str, Any]]:
        """The names with their frames."""
        return list(self._frames.items())

    def select(self, key: str) -> Any:
        """The frame of a name."""
        return self._frames[key]

    __getitem__ = select

    def __len__(self) -> int:
        return len(self._frames)

    def map(self, callable: Callable[..., Any], transformation_ctx: str = "") -> "DynamicFrameCollection":
        """The collection of what a function makes of each frame."""
        made = {name: callable(frame, transformation_ctx) for name, frame in self._frames.items()}
        return DynamicFrameCollection(made, self.glue_ctx)

    def flatmap(self, f: Callable[..., Any], transformation_ctx: str = "") -> "DynamicFrameCollection":
        """The collections that a function makes of each frame, as one."""
        made = [f(frame, transformation_ctx) for frame in self._frames.values()]
        return DynamicFrameCollection(dict(pair for one in made for pair in one.items()), self.glue_ctx)
