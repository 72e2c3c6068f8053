"""What CDK's output folder (cdk.out) has beside templates: the stacks' names, and the files that they deploy.

Source: AWS CDK, "Cloud assembly" and the schemas of manifest.json and *.assets.json.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lakebox.deploy.api import FailedError, Resource
from lakebox.deploy.assets import files_of, zipped
from lakebox.deploy.buckets import ensure_bucket
from lakebox.deploy.kinds import Kind, Properties
from lakebox.glue.template.document import TemplateError, Value
from lakebox.glue.template.scope import Account

DEPLOYMENT_TYPE = "Custom::CDKBucketDeployment"  # files that CDK's BucketDeployment copies into a bucket
DEPLOYMENT = Kind(
    "cdk",
    "BucketDeployment",
    1,
    name=(),
    identity=lambda request, _: {
        "Bucket": request["DestinationBucketName"],
        "Prefix": str(request.get("DestinationBucketKeyPrefix", "")).strip("/"),
        "Sources": request.get("SourceObjectKeys", []),
    },
)


@dataclass(frozen=True)
class AppStack:
    """A stack of a CDK app: its name, its template, and the names of those that it needs."""

    name: str
    template: Path


def stacks_of(folder: Path) -> list[AppStack]:
    """The stacks of a cdk.out folder, each after those that it depends on. Raises TemplateError where it is none."""
    path = folder / "manifest.json"
    if not path.is_file():
        raise TemplateError(f"{folder} has no manifest.json; name a template's file, or CDK's folder cdk.out")
    artifacts: Mapping[str, Mapping[str, Any]] = json.loads(path.read_text(encoding="utf-8")).get("artifacts", {})
    ordered: list[AppStack] = []
    seen: set[str] = set()

    def visit(name: str) -> None:
        artifact = artifacts.get(name, {})
        if name in seen:
            return
        seen.add(name)
        for dependency in artifact.get("dependencies", []):
            visit(dependency)
        properties = artifact.get("properties", {})
        if artifact.get("type") == "aws:cloudformation:stack":
            ordered.append(AppStack(properties.get("stackName") or name, folder / properties["templateFile"]))
        elif artifact.get("type") == "cdk:cloud-assembly":
            ordered.extend(stacks_of(folder / properties["directoryName"]))

    for name in artifacts:
        visit(name)
    return ordered


@dataclass
class CdkAssets:
    """Files that a stack's templates name by bucket and key, by key. A template of no CDK app has none."""

    files: Mapping[str, tuple[Path, str, str]]  # key: path, bucket with ${AWS::…}, packaging
    _uploaded: set[str] = field(default_factory=set)

    def upload_named(self, properties: Properties, s3: Any, account: Account) -> None:
        """Upload the assets that some properties name, unless that was done already."""
        text = json.dumps(properties, default=str)
        for key, (_, bucket, _) in self.files.items():
            if key in text and key not in self._uploaded:
                self._uploaded.add(key)
                for name, value in account.pseudo().items():
                    bucket = bucket.replace(f"${{{name}}}", str(value))
                ensure_bucket(s3, bucket)
                s3.put_object(Bucket=bucket, Key=key, Body=self.content(key))

    def content(self, key: str) -> bytes:
        """An asset's bytes: a file's, or those of a folder's zip. Raises FailedError where there is no such asset."""
        if key not in self.files:
            raise FailedError(f"the asset {key} is not in CDK's output folder; run cdk synth again")
        path, _, packaging = self.files[key]
        return zipped(path) if packaging == "zip" else path.read_bytes()

    def members(self, key: str) -> Mapping[str, bytes]:
        """The files of an asset that is a folder or a zip."""
        if key in self.files and self.files[key][2] == "zip":
            return files_of(self.files[key][0])
        with zipfile.ZipFile(io.BytesIO(self.content(key))) as archive:
            return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}


def assets_beside(template: Path) -> CdkAssets:
    """The assets of a template that CDK wrote: those of the `.assets.json` beside it."""
    path = template.with_name(template.name.removesuffix(".template.json") + ".assets.json")
    if not template.name.endswith(".template.json") or not path.is_file():
        return CdkAssets({})
    listed: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8")).get("files", {})
    files = {}
    for asset in listed.values():
        source = asset["source"]
        if "path" in source and template.parent / source["path"] != template:
            for destination in asset["destinations"].values():
                place = (template.parent / source["path"], destination["bucketName"], source.get("packaging", "file"))
                files[destination["objectKey"]] = place
    return CdkAssets(files)


class FilesHandler:
    """Copies the files of CDK's BucketDeployment, which in AWS a function of CDK's own does."""

    def __init__(self, s3: Any, assets: CdkAssets) -> None:
        self._s3, self._assets = s3, assets

    def exists(self, resource: Resource) -> bool:  # noqa: ARG002 a Handler's
        """Never known: files are copied each time."""
        return False

    def create(self, resource: Resource) -> str:
        """Copy the files; zips are unpacked, unless the request says otherwise, and markers get their values."""
        request, bucket, prefix = resource.request, resource.identity["Bucket"], resource.identity["Prefix"]
        markers = request.get("SourceMarkers") or []
        for place, key in enumerate(request.get("SourceObjectKeys", [])):
            extracted = str(request.get("Extract", "true")).lower() != "false"
            members = self._assets.members(key) if extracted else {key: self._assets.content(key)}
            for name, content in members.items():
                values = markers[place] if place < len(markers) else {}
                target = f"{prefix}/{name}" if prefix else name
                self._s3.put_object(Bucket=bucket, Key=target, Body=_filled(content, values))
        return f"{bucket}/{prefix}"

    def update(self, resource: Resource, before: Properties | None) -> None:  # noqa: ARG002 a Handler's
        """Copy the files again."""
        self.create(resource)

    def delete(self, resource: Resource) -> None:
        """Nothing: the files go with their bucket."""


def _filled(content: bytes, markers: Mapping[str, Value]) -> bytes:
    for marker, value in markers.items():
        content = content.replace(str(marker).encode(), str(value).encode())
    return content
