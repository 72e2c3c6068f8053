"""Settings of the sandbox: flag, then environment (`LAKEBOX_…`), then default. The only reader of the environment."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from catalog.errors import LakeboxError

TARGETS = ("embedded",)
REPOSITORY = Path(__file__).resolve().parent.parent


class SettingsError(LakeboxError):
    """A setting is wrong."""

    exit_status = 2


@dataclass(frozen=True)
class Settings:
    """Where the sandbox works: its target, the lake's root, the raw files and the mapping (None: our own names)."""

    target: str
    lake_uri: str
    raw_uri: str
    mapping_uri: str | None

    @property
    def scratch_dir(self) -> str | None:
        """Where Spark's files go on the way to an s3:// lake: the embedded Spark has no S3 connector."""
        return str(Path(tempfile.gettempdir(), "lakebox-scratch")) if self.lake_uri.startswith("s3") else None


def read_settings(*, lake: str | None = None, raw: str | None = None, mapping: str | None = None) -> Settings:
    """Settings from flags (None: not given), environment and defaults; raises SettingsError on an unknown target."""
    target = os.environ.get("LAKEBOX_TARGET", "embedded")
    if target not in TARGETS:
        raise SettingsError(f"LAKEBOX_TARGET={target} is not a target; known: {', '.join(TARGETS)}")
    return Settings(
        target=target,
        lake_uri=lake or os.environ.get("LAKEBOX_LAKE") or "lake",
        raw_uri=raw or os.environ.get("LAKEBOX_RAW") or str(REPOSITORY / "sample_data"),
        mapping_uri=mapping or os.environ.get("LAKEBOX_MAPPING") or None,
    )


def java_home() -> str | None:
    """JAVA_HOME of the environment."""
    return os.environ.get("JAVA_HOME")


def set_environment(values: dict[str, str]) -> None:
    """Set variables for the processes that lakebox starts (Spark's JVM and its Python workers)."""
    os.environ.update(values)
