"""What a run's process needs on any target: files from buckets, Python modules, Spark's settings, environment."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from lakebox.endpoint.keys import Keys, variables
from lakebox.endpoint.service import ServiceError
from lakebox.glue.jobs.arguments import Special
from lakebox.glue.jobs.launch import Launch
from lakebox.glue.provided_modules import missing_packages
from lakebox.settings import REPOSITORY, whole_environment

RUNTIME = Path(__file__).parent.parent / "runtime"
KEPT = ("pandas", "pyarrow")  # pip on Glue keeps those that are there; the newest may not go with an older module
OWN = "lakebox://"  # scripts of lakebox's own: paths in RUNTIME


@dataclass(frozen=True)
class Script:
    """What a run runs: the script's URI or path, its sys.argv[1:], what its special parameters ask for, its kind."""

    uri: str
    argv: list[str]
    special: Special
    spark: bool


@dataclass(frozen=True)
class Spark:
    """How Spark starts: lakebox's own JVM with these options; or (java is None) by PySpark's way, with variables."""

    java: str | None
    jvm_options: list[str]
    variables: dict[str, str]


class Place(ABC):
    """Where runs work. The targets differ in where files come from and in how Spark is started.

    state: folder of lakebox's own state; keys, endpoint_url: what scripts' boto3 is given
    """

    def __init__(self, state: Path, keys: Keys, endpoint_url: str) -> None:
        self.state, self.keys, self.endpoint_url = state, keys, endpoint_url

    ours: tuple[str, ...] = ()  # where awsgluedq finds lakebox's own packages, last: a script's modules win

    @abstractmethod
    def fetched(self, uri: str, folder: Path) -> Path:
        """A copy of an object or file in a folder: a change of it doesn't reach the run. Raises ServiceError."""

    @abstractmethod
    def spark(self, script: Script, folder: Path) -> Spark:
        """How Spark starts for a run, whose files are in its folder. Raises ServiceError where something is missing."""

    def environment_of_ours(self, *, outer_s3: bool) -> dict[str, str]:
        """The environment of processes that run our own jobs, which import this installation's modules.

        outer_s3: whether s3:// is that of the user's own AWS variables, not the sandbox's
        """
        return (whole_environment() if outer_s3 else self._common_environment()) | {"PYTHONPATH": str(REPOSITORY)}

    def prepare(self, run_id: str, script: Script) -> Path:
        """Make the folder of a run, with all that its process needs. Raises ServiceError where something is missing."""
        folder = self.state / "runs" / run_id
        folder.mkdir(parents=True)
        ours = self._own(script.uri)
        local = self.fetched(script.uri, folder) if ours is None else Path(shutil.copy2(ours, folder))
        missing = missing_packages(local, script.argv, spark=script.spark) if ours is None else ()
        special = replace(script.special, modules=(*script.special.modules, *missing))
        script = replace(script, special=special)
        paths = [str(RUNTIME)]
        paths += [str(self.fetched(uri, folder / "py-files")) for uri in special.py_files]
        for uri in special.files:
            self.fetched(uri, folder)
        if special.modules:
            paths.append(str(self._installed(special)))
        spark = self.spark(script, folder) if script.spark else Spark(None, [], {})
        Launch(str(local), script.argv, spark.java, spark.jvm_options).write(folder)
        own = {"PYTHONPATH": os.pathsep.join([*_importable(paths), *self.ours]), **spark.variables}
        (folder / "variables.json").write_text(json.dumps(own), encoding="utf-8")
        return folder

    def _own(self, uri: str) -> Path | None:
        """The path of a script of lakebox's own; None for another one's."""
        path = (RUNTIME / uri.removeprefix(OWN)).resolve()
        return path if uri.startswith(OWN) and path.is_relative_to(RUNTIME.resolve()) and path.is_file() else None

    def bookmark(self, job_name: str) -> Path:
        """The file that keeps a job's bookmarks."""
        return self.state / "bookmarks" / f"{hashlib.sha256(job_name.encode()).hexdigest()}.json"

    def environment(self, folder: Path, job_name: str) -> dict[str, str]:
        """The environment of a run's process: the user's own, less lakebox's settings, with the endpoint and keys."""
        return self._common_environment() | {
            **json.loads((folder / "variables.json").read_text(encoding="utf-8")),
            "LAKEBOX_BOOKMARK_FILE": str(self.bookmark(job_name)),
        }

    def _common_environment(self) -> dict[str, str]:
        own = {name: value for name, value in whole_environment().items() if not name.startswith(("LAKEBOX_", "AWS_"))}
        return own | {
            **variables(self.keys, self.endpoint_url),
            "AWS_EC2_METADATA_DISABLED": "true",
            "PYTHONUNBUFFERED": "1",
            "PYSPARK_PYTHON": sys.executable,
            "PYSPARK_DRIVER_PYTHON": sys.executable,
        }

    def modules_folder(self, special: Special) -> Path:
        """Where the modules that a run asks for are installed."""
        asked = "\n".join([*special.installer_options, "", *special.modules])
        return self.state / "modules" / hashlib.sha256(asked.encode()).hexdigest()[:16]

    def _installed(self, special: Special) -> Path:
        """A folder with the modules that pip installs for this list, kept for the next run that asks for the same."""
        folder = self.modules_folder(special)
        if not folder.exists():
            draft = folder.with_suffix(".draft")
            shutil.rmtree(draft, ignore_errors=True)
            wheels = draft.with_suffix(".wheels")
            names = [str(self.fetched(name, wheels)) if "://" in name else name for name in special.modules]
            done = _pip_install(draft, [*special.installer_options, *names])
            if done.returncode:
                said = " ".join(done.stderr.split())[-500:]
                text = f"pip could not install --additional-python-modules {','.join(special.modules)}: {said}"
                raise ServiceError("InvalidInputException", text)
            shutil.rmtree(wheels, ignore_errors=True)
            draft.rename(folder)
        return folder


def _pip_install(target: Path, words: list[str]) -> subprocess.CompletedProcess[str]:
    """Install by pip into a folder: with our versions of what Glue has already or, where they don't fit, others."""
    kept = target.with_suffix(".kept")
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text("".join(f"{name}=={version(name)}\n" for name in KEPT), encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", str(target)]
    for more in (["--constraint", str(kept)], []):
        done = subprocess.run([*pip, *more, *words], capture_output=True, text=True, check=False)  # noqa: S603 the user's
        if not done.returncode:
            break
    kept.unlink()
    return done


def _importable(paths: Iterable[str]) -> list[str]:
    """Entries of sys.path: zips and eggs as they are, a single module by its folder."""
    return [str(Path(path).parent) if path.endswith(".py") else path for path in paths]
