"""Tells which job runs are of lakebox's own scripts, by the content of their files.

Such runs may share a warm process, for they leave nothing behind in Python and in Spark; on the stack they alone get
the keys that write the lake. What runs then is this installation's own file, never the copy that the job names.
"""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lakebox.glue.jobs.arguments import Special
from lakebox.glue.jobs.place import Script
from lakebox.glue.package_files import files_of
from lakebox.settings import REPOSITORY

HOPS = ("raw_to_bronze", "bronze_to_silver", "check_silver", "silver_to_gold")
PACKAGES = ("catalog", "jobs")
ORDINARY = Special((), (), (), (), (), uses_iceberg=False, conf={}, uses_catalog=False)
LARGEST = 16 << 20
Read = Callable[[str], bytes | None]  # what an object holds; None where it can't be read


def own_script(script: Script, read: Read) -> Path | None:
    """This installation's own file of a run's script; None where it is another's, or asks for more than ours."""
    path = path_of_hop(script.uri)
    if path is None or replace(script.special, py_files=()) != ORDINARY or read(script.uri) != path.read_bytes():
        return None
    packages = [_files_in_zip(read(uri)) for uri in script.special.py_files]
    own = [{f"{name}/{file}": content for file, content in files_of(REPOSITORY / name).items()} for name in PACKAGES]
    return path if len(packages) == len(own) and all(files in packages for files in own) else None


def path_of_hop(uri: str) -> Path | None:
    """This installation's file of one of the four jobs, by the name of a script; None where it has another name."""
    path = REPOSITORY / "jobs" / uri.rpartition("/")[2]
    return path if path.suffix == ".py" and path.stem in HOPS else None


def _files_in_zip(content: bytes | None) -> dict[str, bytes] | None:
    """The files of a zip; None where it is none, or larger than ours ever is."""
    try:
        with zipfile.ZipFile(io.BytesIO(content or b"")) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
                return None
            return {name: archive.read(name) for name in archive.namelist()}
    except zipfile.BadZipFile:
        return None
