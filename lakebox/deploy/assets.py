"""Local files that a template names: uploaded, or read into it.

- a job's `ScriptLocation` that is a local path, as `aws cloudformation package` takes it
- paths in a job's `--extra-py-files`, `--extra-files`, `--extra-jars` and `--additional-python-modules`; a folder is
  zipped, a Python package under its own name
- a query or ruleset that is the path of a `.sql` or `.dqdl` file: its text
"""

import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lakebox.deploy.buckets import ensure_bucket, keys_of
from lakebox.deploy.kinds import Properties
from lakebox.deploy.record import BUCKET
from lakebox.glue.package_files import files_of
from lakebox.glue.template.document import TemplateError, Value

TEXTS = {
    "AWS::Athena::NamedQuery": "QueryString",
    "AWS::Athena::PreparedStatement": "QueryStatement",
    "AWS::Glue::DataQualityRuleset": "Ruleset",
}
PATHS = ("--extra-py-files", "--extra-files", "--extra-jars", "--additional-python-modules")
Upload = Callable[[str, bytes], str]  # name, content -> s3:// URI
OLDEST = (1980, 1, 1, 0, 0, 0)  # of a zip's entries, so that equal folders give equal zips


def with_local_files(type_name: str, properties: Properties, folder: Path, upload: Upload) -> Properties:
    """Properties with the texts of local files, or the URIs of their copies. Raises TemplateError on a missing file."""
    if type_name in TEXTS and isinstance(text := properties.get(TEXTS[type_name]), str):
        return properties | {TEXTS[type_name]: _text(text, folder)}
    if type_name != "AWS::Glue::Job":
        return properties
    changed = dict(properties)
    command = properties.get("Command")
    if isinstance(command, dict) and isinstance(script := command.get("ScriptLocation"), str):
        changed["Command"] = command | {"ScriptLocation": _script(script, folder, upload)}
    for name in ("DefaultArguments", "NonOverridableArguments"):
        if isinstance(arguments := properties.get(name), dict):
            changed[name] = {key: _argument(key, value, folder, upload) for key, value in arguments.items()}
    return changed


def _text(text: str, folder: Path) -> str:
    if "\n" in text or not text.endswith((".sql", ".dqdl")):
        return text
    path = folder / text
    if not path.is_file():
        raise TemplateError(f"there is no file {path}; paths in a template start at its own folder")
    return path.read_text(encoding="utf-8").rstrip("\n")


def _script(location: str, folder: Path, upload: Upload) -> str:
    if "://" in location:
        return location
    path = folder / location
    if not path.is_file():
        text = f"ScriptLocation {location} is no s3:// URI, and there is no file {path}"
        raise TemplateError(f"{text}; paths in a template start at its own folder")
    return upload(path.name, path.read_bytes())


def _argument(name: str, value: Value, folder: Path, upload: Upload) -> Value:
    if name not in PATHS or not isinstance(value, str):
        return value
    parts = [part.strip() for part in value.split(",")]
    return ",".join(_uploaded(part, folder, upload) if part and "://" not in part else part for part in parts)


def _uploaded(text: str, folder: Path, upload: Upload) -> str:
    """The URI of a local file's or folder's copy; what is neither, such as a module's name, stays."""
    path = folder / text
    if path.is_dir():
        path = path.resolve()
        return upload(f"{path.name}.zip", zipped(path, f"{path.name}/" if (path / "__init__.py").exists() else ""))
    return upload(path.name, path.read_bytes()) if path.is_file() else text


def zipped(folder: Path, prefix: str = "") -> bytes:
    """A folder as a zip, the same bytes for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files_of(folder).items():
            archive.writestr(zipfile.ZipInfo(prefix + name, OLDEST), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


class Uploads:
    """Copies of a stack's local files, where jobs read them: `<stack>/assets/<digest>/<name>`.

    A key has the digest of its content, so that a change of the file is a change of the resource.
    """

    def __init__(self, s3: Any, stack: str) -> None:
        self._s3, self._prefix = s3, f"{stack}/assets/"

    def __call__(self, name: str, content: bytes) -> str:
        """Upload a file; its URI."""
        key = f"{self._prefix}{hashlib.sha256(content).hexdigest()[:16]}/{name}"
        ensure_bucket(self._s3, BUCKET)
        self._s3.put_object(Bucket=BUCKET, Key=key, Body=content)
        return f"s3://{BUCKET}/{key}"

    def drop_unused(self, record: str) -> None:
        """Delete the copies that a stack's record does not name: those of earlier deployments."""
        for key in keys_of(self._s3, BUCKET, self._prefix):
            if key not in record:
                self._s3.delete_object(Bucket=BUCKET, Key=key)
