"""Which runs are of lakebox's own jobs, and where the stack runs them: by content and lake, whatever is claimed."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from lakebox.deploy.assets import zipped
from lakebox.endpoint.service import ServiceError
from lakebox.glue.jobs.arguments import special_of
from lakebox.glue.jobs.driver.choice import StackHost
from lakebox.glue.jobs.driver.lake import LakeHost
from lakebox.glue.jobs.host import Running
from lakebox.glue.jobs.launch import launch_of
from lakebox.glue.jobs.place import Script
from lakebox.glue.jobs.warm.own_jobs import own_script
from lakebox.settings import REPOSITORY

HOP = REPOSITORY / "jobs" / "silver_to_gold.py"
OURS: dict[str, bytes] = {
    "s3://b/silver_to_gold.py": HOP.read_bytes(),
    "s3://b/jobs.zip": zipped(REPOSITORY / "jobs", "jobs/"),
    "s3://b/catalog.zip": zipped(REPOSITORY / "catalog", "catalog/"),
}
PACKAGES = "s3://b/jobs.zip,s3://b/catalog.zip"


def script(packages: str = PACKAGES, lake: str = "s3://lake", **more: str) -> Script:
    special = special_of({"--extra-py-files": packages, **more})
    return Script("s3://b/silver_to_gold.py", ["--JOB_NAME", "x", "--lake_uri", lake], special, spark=True)


def with_more(content: bytes) -> bytes:
    """A zip with one more module."""
    more = io.BytesIO(content)
    with zipfile.ZipFile(more, "a") as archive:
        archive.writestr("jobs/more.py", "")
    return more.getvalue()


class NotedHost:
    """A host that notes which runs it was given."""

    def __init__(self) -> None:
        self.runs: list[str] = []

    def prepare(self, run_id: str, script: Script) -> None:
        self.runs.append(run_id)

    def start(self, run_id: str, job_name: str) -> Running:
        raise NotImplementedError

    def bookmark(self, job_name: str) -> str | None:
        return None

    def forget_bookmark(self, job_name: str) -> None:
        """Nothing is kept."""


def test_our_script_with_our_packages_is_ours() -> None:
    assert own_script(script(), OURS.get) == HOP
    assert own_script(script("s3://b/catalog.zip, s3://b/jobs.zip"), OURS.get) == HOP


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        (script(), {"s3://b/silver_to_gold.py": HOP.read_bytes() + b"#"}),
        (script(), {"s3://b/jobs.zip": with_more(OURS["s3://b/jobs.zip"])}),
        (script(), {"s3://b/jobs.zip": b"no zip"}),
        (script("s3://b/jobs.zip"), {}),
        (script(f"{PACKAGES},s3://b/jobs.zip"), {}),
        (script(f"{PACKAGES},s3://b/nothing.zip"), {}),
        (script(**{"--additional-python-modules": "six"}), {}),
        (script(**{"--conf": "a=b"}), {}),
        (replace(script(), uri="s3://b/other.py"), {"s3://b/other.py": HOP.read_bytes()}),
    ],
    ids=["script", "module", "no zip", "one package", "twice", "missing", "modules", "conf", "name"],
)
def test_what_differs_is_not_ours(given: Script, changed: dict[str, bytes]) -> None:
    assert own_script(given, (OURS | changed).get) is None


def test_only_our_jobs_on_the_lake_get_its_keys() -> None:
    users, lake = NotedHost(), NotedHost()
    host = StackHost(users, lake, "s3://lake", OURS.get)
    host.prepare("own", script())
    host.prepare("root", script(lake="s3://lake/"))
    host.prepare("elsewhere", script(lake="s3://project"))
    host.prepare("conf", script(**{"--conf": "a=b"}))
    assert (lake.runs, users.runs) == (["own", "root"], ["elsewhere", "conf"])


def test_the_lake_driver_runs_its_own_files(tmp_path: Path) -> None:
    host = LakeHost(tmp_path, {}, {}, "")
    host.prepare("run", script())
    assert launch_of(tmp_path / "runs" / "run").script == str(HOP)
    for uri in ("s3://b/other.py", "s3://b/job.py", "/etc/passwd", "s3://b/../../x.py"):
        with pytest.raises(ServiceError, match="none of the lake's own jobs"):
            host.prepare("other", replace(script(), uri=uri))
