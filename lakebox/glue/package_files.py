"""The files of a folder that jobs import: what `lakebox deploy` zips, and by which lakebox knows its own packages."""

from pathlib import Path


def files_of(folder: Path) -> dict[str, bytes]:
    """The files below a folder, by their paths in it; caches and hidden files are left out."""
    paths = {path.relative_to(folder): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {
        name.as_posix(): path.read_bytes()
        for name, path in paths.items()
        if not any(part.startswith(".") or part == "__pycache__" for part in name.parts)
    }
