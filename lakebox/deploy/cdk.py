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

from botocore.exceptions import ClientError

from lakebox.deploy.api import FailedError, Resource, refused
from lakebox.deploy.assets import zipped
from lakebox.deploy.buckets import ensure_bucket
from lakebox.deploy.kinds import Kind, Properties
from lakebox.glue.package_files import files_of
from lakebox.glue.template.document import TemplateError, Value
from lakebox.glue.template.scope import Account

VERSION_1_BUCKET = "cdk-assets"  # CDK 1 is told the bucket by parameters
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
class Asset:
    """A file, or a folder that is deployed as a zip (packaging), and where the template looks for it.

    bucket: may have ${AWS::AccountId} and the like
    """

    path: Path
    bucket: str
    packaging: str


@dataclass(frozen=True)
class AppStack:
    """A stack to deploy: its name, its template; of a CDK app also its assets by key, and the parameters for them."""

    name: str
    template: Path
    assets: Mapping[str, Asset] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)


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
            template = folder / properties["templateFile"]
            assets, parameters = _version_1_assets(folder, artifact.get("metadata", {}))
            own_name = properties.get("stackName") or name
            ordered.append(AppStack(own_name, template, assets | assets_beside(template), parameters))
        elif artifact.get("type") == "cdk:cloud-assembly":
            ordered.extend(stacks_of(folder / properties["directoryName"]))

    for name in artifacts:
        visit(name)
    return ordered


def assets_beside(template: Path) -> dict[str, Asset]:
    """The assets of a template that CDK wrote: those of the `.assets.json` beside it; by key."""
    path = template.with_name(template.name.removesuffix(".template.json") + ".assets.json")
    if not template.name.endswith(".template.json") or not path.is_file():
        return {}
    listed: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8")).get("files", {})
    assets = {}
    for entry in listed.values():
        source = entry["source"]
        if "path" in source and source["path"] != template.name:
            for place in entry["destinations"].values():
                asset = Asset(template.parent / source["path"], place["bucketName"], source.get("packaging", "file"))
                assets[place["objectKey"]] = asset
    return assets


def _version_1_assets(folder: Path, metadata: Mapping[str, Any]) -> tuple[dict[str, Asset], dict[str, str]]:
    """Assets as CDK 1 has them, and the parameters by which its templates learn where they are."""
    assets: dict[str, Asset] = {}
    parameters: dict[str, str] = {}
    for entry in (entry for entries in metadata.values() for entry in entries):
        data = entry.get("data")
        if entry.get("type") == "aws:cdk:asset" and isinstance(data, dict) and "s3BucketParameter" in data:
            path, packaging = folder / data["path"], data.get("packaging", "file")
            name = path.name.removeprefix("asset.") + (".zip" if packaging == "zip" else "")
            assets[f"assets/{name}"] = Asset(path, VERSION_1_BUCKET, packaging)
            parameters[data["s3BucketParameter"]] = VERSION_1_BUCKET
            parameters[data["s3KeyParameter"]] = f"assets/||{name}"
            parameters[data["artifactHashParameter"]] = data["sourceHash"]
    return assets, parameters


class CdkAssets:
    """The assets of a stack, which go to their buckets when a resource names them."""

    def __init__(self, assets: Mapping[str, Asset]) -> None:
        self._assets = assets
        self._uploaded: set[str] = set()

    def upload_named(self, properties: Properties, s3: Any, account: Account) -> None:
        """Upload the assets that some properties name, unless that was done already."""
        text = json.dumps(properties, default=str)
        for key, asset in self._assets.items():
            if key in text and key not in self._uploaded:
                self._uploaded.add(key)
                bucket = asset.bucket
                for name, value in account.pseudo().items():
                    bucket = bucket.replace(f"${{{name}}}", str(value))
                ensure_bucket(s3, bucket)
                s3.put_object(Bucket=bucket, Key=key, Body=self.content(key))

    def content(self, key: str) -> bytes:
        """An asset's bytes: a file's, or those of a folder's zip. Raises FailedError where there is no such asset."""
        if key not in self._assets:
            raise FailedError(f"the asset {key} is not in CDK's output folder; run cdk synth again")
        asset = self._assets[key]
        return zipped(asset.path) if asset.packaging == "zip" else asset.path.read_bytes()

    def members(self, key: str) -> Mapping[str, bytes]:
        """The files of an asset that is a folder or a zip."""
        if key in self._assets and self._assets[key].packaging == "zip":
            return files_of(self._assets[key].path)
        with zipfile.ZipFile(io.BytesIO(self.content(key))) as archive:
            return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}


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
                try:
                    self._s3.put_object(Bucket=bucket, Key=target, Body=_filled(content, values))
                except ClientError as error:
                    raise refused(error, "PutObject") from None
        return f"{bucket}/{prefix}"

    def update(self, resource: Resource, before: Properties | None) -> None:  # noqa: ARG002 a Handler's
        """Copy the files again; `create` does it each time, as nothing `exists`."""
        self.create(resource)

    def delete(self, resource: Resource) -> None:
        """Nothing: the files go with their bucket."""


def _filled(content: bytes, markers: Mapping[str, Value]) -> bytes:
    for marker, value in markers.items():
        content = content.replace(str(marker).encode(), str(value).encode())
    return content
