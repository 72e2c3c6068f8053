"""Templates: what Glue or lakebox would refuse of a resource, and of its local script, with the line in its file."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from lakebox.check.template import template_findings
from lakebox.cli import main

JOB = """
Resources:
  Etl:
    Type: AWS::Glue::Job
    Properties:
      Role: r
      Command: {Name: glueetl, ScriptLocation: 's3://code/etl.py'}
"""


def found(tmp_path: Path, text: str) -> list[tuple[int, bool, str]]:
    (tmp_path / "t.yaml").write_text(text)
    return [(item.line, item.fails, item.text) for item in template_findings(tmp_path / "t.yaml")]


def test_a_usual_template_has_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, JOB) == []


def test_our_own_template_has_nothing_that_fails() -> None:
    findings = template_findings(Path(__file__).parents[3] / "catalog" / "lakehouse.yaml")
    assert [str(finding) for finding in findings if finding.fails] == []


@pytest.mark.parametrize(
    ("more", "fails", "text"),
    [
        (
            "MaxCapacity: 2, WorkerType: G.1X",
            True,
            "Glue takes MaxCapacity or WorkerType with NumberOfWorkers, not both",
        ),
        ("GlueVersion: 1.0", False, "GlueVersion 1.0 is past its end of support; use 5.1"),
        ("Timeout: soon", True, "Timeout must be of type integer, not 'soon'"),
        ("Timeuot: 5", True, "AWS::Glue::Job has no property Timeuot"),
    ],
)
def test_a_wrong_property_is_found(tmp_path: Path, more: str, fails: bool, text: str) -> None:
    properties = f"{{Role: r, Command: {{Name: glueetl, ScriptLocation: 's3://c/x.py'}}, {more}}}"
    template = f"Resources:\n  Etl: {{Type: AWS::Glue::Job, Properties: {properties}}}\n"
    assert found(tmp_path, template) == [(2, fails, f"Etl: {text}")]


@pytest.mark.parametrize(
    ("resource", "text"),
    [
        (
            "{Type: AWS::Glue::Job, Properties: {Role: r, Command: {Name: gluestreaming, ScriptLocation: 's3://c/x.py'}}}",
            "It: lakebox runs glueetl and pythonshell jobs, not gluestreaming",
        ),
        (
            "{Type: AWS::Glue::Crawler, Properties: {Role: r, Targets: {JdbcTargets: [{Path: x}]}}}",
            "It: lakebox does not crawl JdbcTargets: crawl S3, or make the tables by hand",
        ),
        ("{Type: AWS::Glue::Trigger, Properties: {Type: EVENT}}", "It: lakebox has no triggers of type EVENT"),
    ],
)
def test_what_lakebox_refuses_is_found(tmp_path: Path, resource: str, text: str) -> None:
    assert found(tmp_path, f"Resources:\n  It: {resource}\n") == [(2, True, text)]


def test_what_is_left_out_is_a_note(tmp_path: Path) -> None:
    text = "It: lakebox does not make AWS::SNS::Topic; names of it stand in"
    assert found(tmp_path, "Resources:\n  It: {Type: AWS::SNS::Topic}\n") == [(2, False, text)]


def test_a_template_that_can_not_be_read_fails(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, "Transform: AWS::Serverless-2016-10-31\nResources: {}\n")
    assert finding[1]
    assert "AWS::Serverless-2016-10-31 (SAM)" in finding[2]


def test_a_local_script_is_checked_with_its_arguments(tmp_path: Path) -> None:
    (tmp_path / "etl.py").write_text("import sklearn\n")
    text = JOB.replace("s3://code/etl.py", "etl.py")
    assert [finding[:2] for finding in found(tmp_path, text)] == [(1, True)]
    given = text + "      DefaultArguments: {--additional-python-modules: scikit-learn}\n"
    assert found(tmp_path, given) == []


def test_unknown_values_are_no_faults(tmp_path: Path) -> None:
    text = """
        Parameters: {Timeout: {Type: Number}, Bucket: {Type: String}}
        Resources:
          Etl:
            Type: AWS::Glue::Job
            Properties:
              Role: !GetAtt Role.Arn
              Timeout: !Ref Timeout
              Command: {Name: glueetl, ScriptLocation: !Sub 's3://${Bucket}/etl.py'}
              GlueVersion: !ImportValue version
              Connections: {Connections: [!GetAtt Server.Name]}
          Role: {Type: AWS::IAM::Role}
          Server: {Type: AWS::RDS::DBInstance}
    """
    assert [finding for finding in found(tmp_path, text) if finding[1]] == []


def test_the_command_says_what_and_ends_with_1(tmp_path: Path) -> None:
    script = tmp_path / "etl.py"
    script.write_text("import sklearn\n")
    done = CliRunner().invoke(main, ["check", str(script)])
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        f"{script}:1: fails on Glue 5.1, Glue 6.0, lakebox: Glue has no module sklearn: name it in "
        "--additional-python-modules scikit-learn, or its file in --extra-py-files; Python shell jobs "
        "have it (--shell)",
        f"{script}: 1 would fail, 0 to know",
    ]
    done = CliRunner().invoke(main, ["check", str(script), "--additional-python-modules", "scikit-learn"])
    assert (done.exit_code, done.output) == (0, f"{script}: nothing found\n")
