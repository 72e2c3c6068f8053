"""Reads the sandbox's settings: flag, then environment (`LAKEBOX_…`), then default. Nobody else reads os.environ."""

import configparser
import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jobs.lake.errors import LakeboxError

TARGETS = ("embedded", "compose")
STACK_PORTS = {
    "LAKEBOX_MINIO_PORT": 9000,
    "LAKEBOX_MINIO_CONSOLE_PORT": 9001,
    "LAKEBOX_SPARK_PORT": 8081,
    "LAKEBOX_TRINO_PORT": 8080,
    "LAKEBOX_JUPYTER_PORT": 8888,
    "LAKEBOX_API_PORT": 4566,
}
REPOSITORY = Path(__file__).resolve().parent.parent
SAMPLE_DATA = REPOSITORY / "sample_data"
LAKEHOUSE = REPOSITORY / "catalog" / "lakehouse.yaml"


class SettingsError(LakeboxError):
    """A setting is wrong."""

    exit_status = 2


@dataclass(frozen=True)
class StackSettings:
    """How the stack is reached. Inside it the command works itself; on the host it hands jobs to the service lakebox.

    spark_master: the cluster as spark-submit names it ("" on the host). landing_credentials: an AWS shared-credentials
    file of the landing step; None where nothing may be landed.
    """

    inside: bool
    trino_url: str
    spark_master: str
    raw_bucket: str
    landing_credentials: str | None


@dataclass(frozen=True)
class Settings:
    """Where the sandbox works: its target, the lake's root, the raw files and the mapping (None: our own names).

    folder: that of the buckets, the lake's among them, and of the sandbox's own state; empty on the stack.
    stack: None on the embedded target. raw_is_named: whether the user named raw_uri; if not, it is the sample data.
    """

    target: str
    lake_uri: str
    raw_uri: str
    mapping_uri: str | None
    stack: StackSettings | None = None
    raw_is_named: bool = True
    folder: str = ""


def read_settings(
    *, lake: str | None = None, raw: str | None = None, mapping: str | None = None, target: str | None = None
) -> Settings:
    """Settings from flags (None: not given), environment and defaults; raises SettingsError on a wrong one."""
    target = target or os.environ.get("LAKEBOX_TARGET") or "embedded"
    if target == "aws":
        raise SettingsError(
            "LAKEBOX_TARGET=aws is for `lakebox deploy`, `run`, `crawl` and `sql`; "
            "this verb works on embedded and compose"
        )
    if target not in TARGETS:
        raise SettingsError(f"LAKEBOX_TARGET={target} is not a target; choose one of {', '.join(TARGETS)}")
    named_raw = raw or os.environ.get("LAKEBOX_RAW")
    folder = "" if target == "compose" else _embedded_folder(lake)
    return Settings(
        target=target,
        folder=folder,
        lake_uri=_stack_lake(lake) if target == "compose" else str(Path(folder, lake_bucket())),
        raw_uri=named_raw or str(SAMPLE_DATA),
        raw_is_named=bool(named_raw),
        mapping_uri=mapping or os.environ.get("LAKEBOX_MAPPING") or None,
        stack=_stack_settings() if target == "compose" else None,
    )


def is_aws() -> bool:
    """Whether LAKEBOX_TARGET names AWS itself, which `deploy`, `run` and `crawl` alone can work on."""
    return os.environ.get("LAKEBOX_TARGET") == "aws"


def lake_bucket() -> str:
    """The bucket of the lake."""
    return os.environ.get("LAKEBOX_LAKE_BUCKET") or "ai-lakehouse-project"


def _embedded_folder(lake: str | None) -> str:
    """The embedded target's folder of buckets."""
    uri = lake or os.environ.get("LAKEBOX_LAKE") or "lake"
    if "://" in uri and not uri.startswith("file://"):
        text = "the embedded target keeps its lake in a folder"
        raise SettingsError(f"{uri}: {text}; name one with --lake, or use the stack's S3 (LAKEBOX_TARGET=compose)")
    uri = uri.removeprefix("file://")
    path = str(Path(uri).absolute())
    if Path(path, "_state").is_dir():
        text = f"an earlier version's lake lies there; move all that is in it to {path}/{lake_bucket()}, and try again"
        raise SettingsError(f"{uri}: {text}")
    if ":" in path and any(character in path for character in "[]{}*?\\"):
        text = "Spark can't read a folder whose path has a colon and one of [ ] { } * ? \\"
        raise SettingsError(f"{path}: {text}; name another one with --lake")
    return uri


def _stack_lake(lake: str | None) -> str:
    """The stack's one lake: its catalog, its users and their policies are made for that bucket."""
    own = f"s3://{lake_bucket()}"
    if lake and lake.rstrip("/") != own:
        raise SettingsError(f"--lake {lake}: the stack's lake is {own}; leave out --lake, or set LAKEBOX_LAKE_BUCKET")
    return own


def _stack_settings() -> StackSettings:
    return StackSettings(
        inside=inside_stack(),
        trino_url=os.environ.get("LAKEBOX_TRINO_URL") or f"http://127.0.0.1:{stack_ports()['LAKEBOX_TRINO_PORT']}",
        spark_master=os.environ.get("MASTER") or "",
        raw_bucket=os.environ.get("LAKEBOX_RAW_BUCKET") or "ai-lakehouse-raw",
        landing_credentials=os.environ.get("LAKEBOX_LANDING_CREDENTIALS_FILE"),
    )


@dataclass(frozen=True)
class ApiSettings:
    """What the stack's services `api` and `driver` are told, by variables and by files of secrets.

    access_key, secret_key: of the user, by which requests to the API and to S3 are signed; the tokens prove the API to
    the drivers, and trino_name to Trino. What only the API needs is empty in the drivers: lake_driver_token, the DSNs
    (libpq's connection strings), Trino's URL and that name.
    """

    access_key: str
    secret_key: str
    driver_token: str
    lake_driver_token: str
    s3_url: str
    trino_url: str
    trino_name: str
    metastore_uri: str
    lake_bucket: str
    documents_dsn: str
    metastore_dsn: str
    patience_s: float


def read_api_settings() -> ApiSettings:
    """Settings of the services `api` and `driver`, inside the stack."""
    profiles = configparser.ConfigParser(interpolation=None)
    profiles.read(os.environ["LAKEBOX_USER_CREDENTIALS_FILE"])
    user = profiles["default"]
    return ApiSettings(
        access_key=user["aws_access_key_id"],
        secret_key=user["aws_secret_access_key"],
        driver_token=Path(os.environ["LAKEBOX_DRIVER_TOKEN_FILE"]).read_text(encoding="utf-8"),
        lake_driver_token=_secret("LAKEBOX_LAKE_DRIVER_TOKEN_FILE"),
        s3_url=os.environ["AWS_ENDPOINT_URL_S3"],
        trino_url=os.environ.get("LAKEBOX_TRINO_URL", ""),
        trino_name=_secret("LAKEBOX_TRINO_NAME_FILE"),
        metastore_uri=os.environ["LAKEBOX_METASTORE_URI"],
        lake_bucket=os.environ["LAKEBOX_LAKE_BUCKET"],
        documents_dsn=os.environ.get("LAKEBOX_DOCUMENTS_DSN", ""),
        metastore_dsn=os.environ.get("LAKEBOX_METASTORE_DSN", ""),
        patience_s=float(os.environ.get("LAKEBOX_WAIT_S", "120")),
    )


def _secret(name: str) -> str:
    """The content of the file that a variable names; empty where the variable is not set."""
    file = os.environ.get(name)
    return Path(file).read_text(encoding="utf-8") if file else ""


def api_port(given: int | None) -> int:
    """The endpoint's port: as given, else LAKEBOX_API_PORT, else 4566. Raises SettingsError on a bad one."""
    return given if given is not None else _port("LAKEBOX_API_PORT", 4566)


def stack_api_url() -> str:
    """The stack's API, as it is reached from here: on this machine, or inside the stack."""
    return os.environ.get("LAKEBOX_API_URL") or f"http://127.0.0.1:{api_port(None)}"


def user_credentials_file() -> str | None:
    """Inside the stack, the file of the user's keys; None on this machine."""
    return os.environ.get("LAKEBOX_USER_CREDENTIALS_FILE")


def inside_stack() -> bool:
    """Whether this process is in a container of the stack."""
    return "LAKEBOX_METASTORE_URI" in os.environ


def has_own_s3() -> bool:
    """Whether the stack uses an S3 of the user's own in MinIO's place."""
    return bool(os.environ.get("LAKEBOX_S3_ENDPOINT"))


def s3_url() -> str:
    """The stack's S3, as it is reached from here: on this machine, or inside the stack."""
    if inside_stack():
        return os.environ["AWS_ENDPOINT_URL_S3"]
    return os.environ.get("LAKEBOX_S3_ENDPOINT") or f"http://127.0.0.1:{stack_ports()['LAKEBOX_MINIO_PORT']}"


def stack_ports() -> dict[str, int]:
    """The stack's ports on this machine, by the variable that changes each. Raises SettingsError on a bad one."""
    return {name: _port(name, default) for name, default in STACK_PORTS.items()}


def _port(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not (text.isdigit() and 0 < int(text) < 65536):
        raise SettingsError(f"{name}={text} is not a port; give a number from 1 to 65535")
    return int(text)


def whole_environment() -> dict[str, str]:
    """The environment, for processes that lakebox starts."""
    return dict(os.environ)


def environment_names() -> set[str]:
    """Names of the variables that are set and not empty."""
    return {name for name, value in os.environ.items() if value}


def no_proxy() -> str:
    """Hosts that no proxy is asked for, separated by commas."""
    return os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""


def docker_config_file() -> Path:
    """Settings file of the docker command, which may not exist."""
    return Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker", "config.json")


def cache_folder() -> Path:
    """Where lakebox keeps what it has fetched, for all lakes of this user."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "lakebox")


def java_home() -> str | None:
    """JAVA_HOME of the environment."""
    return os.environ.get("JAVA_HOME")


def set_environment(values: dict[str, str]) -> None:
    """Set variables for the processes that lakebox starts (Spark's JVM and its Python workers)."""
    os.environ.update(values)


@contextlib.contextmanager
def environment_with(values: dict[str, str]) -> Iterator[None]:
    """Variables for a library that asks the environment, set for that time alone: what starts later has them not."""
    os.environ.update(values)
    try:
        yield
    finally:
        for name in values:
            os.environ.pop(name, None)
