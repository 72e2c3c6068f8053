"""Local files of templates: scripts and packages are uploaded, queries and rules read."""

import io
import zipfile
from pathlib import Path

from deploy_sandbox import DeploySandbox, Recorder

JOB = """
    Resources:
      Etl:
        Type: AWS::Glue::Job
        Properties:
          Name: etl
          Role: r
          Command: {Name: glueetl, ScriptLocation: src/größe.py}
          DefaultArguments:
            --extra-py-files: src/shop, src/plain, s3://x/y.zip
            --extra-files: src/etl.py
            --additional-python-modules: pandas==2.2.3
            --note: src/etl.py
"""


def write(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


def arguments(sandbox: DeploySandbox) -> dict[str, str]:
    found: dict[str, str] = sandbox.client("glue").get_job(JobName="etl")["Job"]["DefaultArguments"]
    return found


def names_in(sandbox: DeploySandbox, uri: str) -> list[str]:
    """What a zip in a bucket holds."""
    bucket, key = uri.removeprefix("s3://").split("/", 1)
    body = sandbox.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return zipfile.ZipFile(io.BytesIO(body)).namelist()


def test_local_paths_of_a_job_are_uploaded(sandbox: DeploySandbox, tmp_path: Path) -> None:
    write(tmp_path, {"src/größe.py": "1", "src/etl.py": "1", "src/shop/__init__.py": "", "src/shop/a.py": ""})
    write(tmp_path, {"src/plain/b.py": ""})
    assert sandbox.deploy(JOB) == {"Etl": "made"}
    package, plain, other = arguments(sandbox)["--extra-py-files"].split(",")
    assert names_in(sandbox, package) == ["shop/__init__.py", "shop/a.py"]
    assert (names_in(sandbox, plain), other) == (["b.py"], "s3://x/y.zip")
    assert arguments(sandbox)["--extra-files"].endswith("/etl.py")
    assert arguments(sandbox)["--additional-python-modules"] == "pandas==2.2.3"
    assert arguments(sandbox)["--note"] == "src/etl.py"


def test_a_changed_script_changes_the_job(sandbox: DeploySandbox, tmp_path: Path) -> None:
    write(tmp_path, {"src/größe.py": "1", "src/etl.py": "1", "src/shop/__init__.py": "", "src/plain/b.py": ""})
    sandbox.deploy(JOB)
    assert sandbox.deploy(JOB) == {"Etl": "unchanged"}
    write(tmp_path, {"src/größe.py": "2"})
    assert sandbox.deploy(JOB) == {"Etl": "updated"}
    scripts = list((sandbox.root / "lakebox-stacks" / "shop" / "assets").rglob("größe.py"))
    assert [script.read_text() for script in scripts] == ["2"]


def test_a_missing_script_fails_the_job(sandbox: DeploySandbox) -> None:
    (step,) = sandbox.steps(JOB)
    assert step.outcome == "failed"
    assert "ScriptLocation src/größe.py is no s3:// URI, and there is no file" in step.note


def test_texts_of_files_are_read(recorded: tuple[DeploySandbox, Recorder], tmp_path: Path) -> None:
    sandbox, recorder = recorded
    write(tmp_path, {"q.sql": "SELECT 1\n", "r.dqdl": "Rules = [ RowCount > 1 ]\n"})
    steps = sandbox.steps("""
        Resources:
          A: {Type: AWS::Athena::NamedQuery, Properties: {Name: a, Database: d, QueryString: q.sql}}
          B: {Type: AWS::Glue::DataQualityRuleset, Properties: {Name: b, Ruleset: r.dqdl}}
          C: {Type: AWS::Athena::NamedQuery, Properties: {Name: c, Database: d, QueryString: none.sql}}
    """)
    assert [step.outcome for step in steps] == ["made", "made", "failed"]
    assert [call.get("QueryString", call.get("Ruleset")) for _, call in recorder.taken()] == [
        "Rules = [ RowCount > 1 ]",
        "SELECT 1",
    ]


def test_a_job_that_fails_now_keeps_its_script(sandbox: DeploySandbox, tmp_path: Path) -> None:
    write(tmp_path, {"src/größe.py": "1", "src/etl.py": "1", "src/shop/__init__.py": "", "src/plain/b.py": ""})
    sandbox.deploy(JOB)
    (tmp_path / "src/größe.py").unlink()
    assert sandbox.deploy(JOB) == {"Etl": "failed"}
    bucket, key = sandbox.client("glue").get_job(JobName="etl")["Job"]["Command"]["ScriptLocation"][5:].split("/", 1)
    assert sandbox.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read() == b"1"
