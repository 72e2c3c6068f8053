"""CDK's output folder: its stacks in order, their assets in their buckets, and the files of BucketDeployment copied."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from deploy_sandbox import DeploySandbox

from lakebox.deploy.cdk import stacks_of
from lakebox.glue.template.document import TemplateError, read_template

BUCKET = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"
JOB = {
    "Type": "AWS::Glue::Job",
    "Properties": {
        "Name": "etl",
        "Role": "r",
        "Command": {"Name": "glueetl", "ScriptLocation": {"Fn::Sub": f"s3://{BUCKET}/abc.py"}},
    },
}
BOOTSTRAP = {"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/version"}}
RULES = {"CheckBootstrapVersion": {"Assertions": [{"Assert": {"Fn::Not": [{"Ref": "BootstrapVersion"}]}}]}}


def write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))


def stack(folder: Path, name: str, resources: Any, *needs: str, assets: Any = None, **more: Any) -> dict[str, Any]:
    """Write a stack's template and assets; its entry in the manifest."""
    document = {"Resources": resources, "Parameters": BOOTSTRAP, "Rules": RULES, **more}
    write(folder / f"{name}.template.json", document)
    write(folder / f"{name}.assets.json", {"files": assets or {}})
    properties = {"templateFile": f"{name}.template.json", "stackName": name}
    return {"type": "aws:cloudformation:stack", "properties": properties, "dependencies": list(needs)}


def asset(key: str, path: str, packaging: str = "file") -> dict[str, Any]:
    place = {"bucketName": BUCKET, "objectKey": key}
    return {key: {"source": {"path": path, "packaging": packaging}, "destinations": {"current": place}}}


def deploy(sandbox: DeploySandbox, folder: Path) -> dict[str, str]:
    """Deploy all stacks of a folder; what became of each resource."""
    outcomes = {}
    for found in stacks_of(folder):
        deployment = sandbox.deployment(found.name, found.assets)
        steps = deployment.deploy(read_template(found.template), found.parameters)
        outcomes |= {step.logical_id: step.outcome for step in steps}
    return outcomes


def test_stacks_come_after_those_they_need(tmp_path: Path) -> None:
    artifacts = {"b": stack(tmp_path, "b", {}, "b.assets", "a"), "b.assets": {"type": "cdk:asset-manifest"}}
    artifacts["a"] = stack(tmp_path, "a", {})
    artifacts["stage"] = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-x"}}
    write(tmp_path / "assembly-x/manifest.json", {"artifacts": {"c": stack(tmp_path / "assembly-x", "c", {})}})
    write(tmp_path / "manifest.json", {"artifacts": artifacts})
    assert [found.name for found in stacks_of(tmp_path)] == ["a", "b", "c"]


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"has no manifest.json; name a template's file, or CDK's folder cdk.out"):
        stacks_of(tmp_path)


def test_a_jobs_script_is_uploaded(sandbox: DeploySandbox, tmp_path: Path) -> None:
    write(tmp_path / "asset.abc.py", "print('hello')")
    assets = asset("abc.py", "asset.abc.py") | asset("unused.zip", "asset.unused", "zip")
    write(tmp_path / "manifest.json", {"artifacts": {"app": stack(tmp_path, "app", {"Etl": JOB}, assets=assets)}})
    assert deploy(sandbox, tmp_path) == {"Etl": "made"}
    job = sandbox.client("glue").get_job(JobName="etl")["Job"]
    assert job["Command"]["ScriptLocation"] == "s3://cdk-hnb659fds-assets-000000000000-us-east-1/abc.py"
    copy = sandbox.root / "cdk-hnb659fds-assets-000000000000-us-east-1" / "abc.py"
    assert copy.read_text() == "print('hello')"


def test_a_bucket_deployment_copies_its_files(sandbox: DeploySandbox, tmp_path: Path) -> None:
    write(tmp_path / "asset.f/scripts/etl.py", "bucket = '<<marker:0>>'")
    with zipfile.ZipFile(tmp_path / "asset.g.zip", "w") as archive:
        archive.writestr("data.csv", "1,2")
    resources = {
        "Data": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "data"}},
        "Files": {
            "Type": "Custom::CDKBucketDeployment",
            "Properties": {
                "SourceBucketNames": [{"Fn::Sub": BUCKET}, {"Fn::Sub": BUCKET}],
                "SourceObjectKeys": ["f.zip", "g.zip"],
                "SourceMarkers": [{"<<marker:0>>": {"Ref": "Data"}}, {}],
                "DestinationBucketName": {"Ref": "Data"},
                "DestinationBucketKeyPrefix": "app/",
            },
        },
    }
    assets = asset("f.zip", "asset.f", "zip") | asset("g.zip", "asset.g.zip")
    write(tmp_path / "manifest.json", {"artifacts": {"app": stack(tmp_path, "app", resources, assets=assets)}})
    assert deploy(sandbox, tmp_path) == {"Data": "made", "Files": "made"}
    assert (sandbox.root / "data/app/scripts/etl.py").read_text() == "bucket = 'data'"
    assert (sandbox.root / "data/app/data.csv").read_text() == "1,2"


def test_a_missing_asset_fails_its_resource(sandbox: DeploySandbox, tmp_path: Path) -> None:
    properties = {"SourceObjectKeys": ["x.zip"], "DestinationBucketName": "data"}
    resources = {"Files": {"Type": "Custom::CDKBucketDeployment", "Properties": properties}}
    write(tmp_path / "manifest.json", {"artifacts": {"app": stack(tmp_path, "app", resources)}})
    assert deploy(sandbox, tmp_path) == {"Files": "failed"}


def test_cdk_1_names_assets_by_parameters(sandbox: DeploySandbox, tmp_path: Path) -> None:
    write(tmp_path / "asset.abc.py", "print('hello')")
    names = {"s3BucketParameter": "B", "s3KeyParameter": "K", "artifactHashParameter": "H", "sourceHash": "abc"}
    parts = [{"Fn::Select": [place, {"Fn::Split": ["||", {"Ref": "K"}]}]} for place in (0, 1)]
    location = {"Fn::Join": ["", ["s3://", {"Ref": "B"}, "/", *parts]]}
    job = {
        "Type": "AWS::Glue::Job",
        "Properties": {"Name": "etl", "Role": "r", "Command": {"ScriptLocation": location}},
    }
    entry = stack(tmp_path, "app", {"Etl": job}, Parameters={name: {"Type": "String"} for name in "BKH"})
    entry["metadata"] = {"/app": [{"type": "aws:cdk:asset", "data": {"path": "asset.abc.py", **names}}]}
    write(tmp_path / "manifest.json", {"artifacts": {"app": entry}})
    assert deploy(sandbox, tmp_path) == {"Etl": "made"}
    uri = sandbox.client("glue").get_job(JobName="etl")["Job"]["Command"]["ScriptLocation"]
    body = sandbox.client("s3").get_object(Bucket="cdk-assets", Key=uri.split("/", 3)[3])["Body"].read()
    assert (uri, body) == ("s3://cdk-assets/assets/abc.py", b"print('hello')")


def test_zips_of_equal_folders_are_equal(sandbox: DeploySandbox, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path / name / "a.py", "x = 1")
        write(tmp_path / name / "__pycache__" / f"{name}.pyc", "")
    from lakebox.deploy.assets import zipped

    assert zipped(tmp_path / "one") == zipped(tmp_path / "two")
    with zipfile.ZipFile(io.BytesIO(zipped(tmp_path / "one", "lib/"))) as archive:
        assert archive.namelist() == ["lib/a.py"]
