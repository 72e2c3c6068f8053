"""A run's arguments, as Glue merges and passes them, and what the special ones among them ask of lakebox.

Source: AWS Glue, "Using job parameters in AWS Glue jobs".
"""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakebox.endpoint.service import ServiceError

NOT_PASSED_ON = ("--conf",)
ICEBERG = "iceberg"


@dataclass(frozen=True)
class Special:
    """What a run's special parameters ask for."""

    py_files: tuple[str, ...]
    files: tuple[str, ...]
    jars: tuple[str, ...]
    modules: tuple[str, ...]
    installer_options: tuple[str, ...]
    uses_iceberg: bool
    conf: Mapping[str, str]
    uses_catalog: bool  # Spark SQL works on the Data Catalog


def merged(job: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    """A run's arguments over its job's defaults, both under what can't be overridden; names with two dashes."""
    layers = (job.get("DefaultArguments", {}), given, job.get("NonOverridableArguments", {}))
    return {name if name.startswith("--") else f"--{name}": value for layer in layers for name, value in layer.items()}


def argv_of(arguments: Mapping[str, str], run: Mapping[str, str]) -> list[str]:
    """The script's sys.argv[1:]: each name and value a word, the run's own names (JOB_NAME, …) first."""
    words = [word for name, value in run.items() if f"--{name}" not in arguments for word in (f"--{name}", value)]
    for name, value in arguments.items():
        if name not in NOT_PASSED_ON:
            words += [name, value]
    return words


def special_of(arguments: Mapping[str, str]) -> Special:
    """What the special parameters ask for. Raises ServiceError on one that can't be read or is not supported."""

    def listed(name: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in arguments.get(name, "").split(",") if part.strip())

    for name in set(listed("--datalake-formats")) - {ICEBERG}:
        text = f"--datalake-formats {name} is not supported by lakebox: use iceberg, or Parquet tables"
        raise ServiceError("InvalidInputException", text)
    return Special(
        py_files=listed("--extra-py-files"),
        files=listed("--extra-files"),
        jars=listed("--extra-jars"),
        modules=listed("--additional-python-modules"),
        installer_options=tuple(shlex.split(arguments.get("--python-modules-installer-option", ""))),
        uses_iceberg=ICEBERG in listed("--datalake-formats"),
        conf=conf_of(arguments.get("--conf", "")),
        uses_catalog=arguments.get("--enable-glue-datacatalog", "false").lower() != "false",
    )


def conf_of(text: str) -> dict[str, str]:
    """Spark settings from one value: `a=b --conf c=d --conf e=f`; some write `--conf` before the first one, too."""
    conf = {}
    for part in re.split(r"(?:^|\s+)--conf[\s=]+", text.strip()):
        name, equals, value = part.strip().partition("=")
        if part and not equals:
            raise ServiceError("InvalidInputException", f"--conf {part!r} is not name=value")
        if part:
            conf[name.strip()] = value.strip()
    return conf
