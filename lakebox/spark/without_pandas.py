"""Keeps pyarrow from importing pandas, which would cost each command 0.3 s: a third of a run with nothing new.

pyarrow imports pandas when it makes its first array, to recognise pandas' own types. Where that import fails it does
without, and tries again only when somebody asks for a DataFrame.
"""

import sys
from importlib.machinery import ModuleSpec


class _NoPandas:
    """An import finder for which pandas is not installed; all other modules it leaves to the finders after it."""

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        if name == "pandas":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def look_without_pandas() -> None:
    """Make pyarrow's first array while pandas can't be imported; does nothing where pandas is imported already."""
    if "pandas" in sys.modules:
        return
    hidden = _NoPandas()
    sys.meta_path.insert(0, hidden)
    try:
        import pyarrow

        pyarrow.array([])
    finally:
        sys.meta_path.remove(hidden)
