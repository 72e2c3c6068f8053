"""A command that needs no pandas -> one that doesn't wait for it.

pyarrow looks for pandas when it makes its first array, to know whether what it is given is one of pandas' series, and
importing pandas takes 0.3 s. Once it has looked and found none it asks again only where somebody wants a DataFrame.
"""

import sys
from importlib.machinery import ModuleSpec


class _NoPandas:
    """A finder that knows that there is no pandas, and nothing of other modules."""

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        if name == "pandas":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def look_without_pandas() -> None:
    """Let pyarrow look for pandas while it is hidden, unless somebody has imported it."""
    if "pandas" in sys.modules:
        return
    hidden = _NoPandas()
    sys.meta_path.insert(0, hidden)
    try:
        import pyarrow

        pyarrow.array([])
    finally:
        sys.meta_path.remove(hidden)
