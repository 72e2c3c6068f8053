"""Templates as texts: YAML with short tags and JSON give the same values; what needs a macro is refused by name."""

from pathlib import Path

import pytest

from lakebox.glue.template.document import TemplateError, template_of

YAML = """
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Stage: {Type: String, Default: dev}
Resources:
  Job:
    Type: AWS::Glue::Job
    Properties:
      Role: !GetAtt Role.Arn
      GlueVersion: 4.0
      Name: !Sub "${Stage}-etl"
      DefaultArguments: {--enable-metrics: true, --on: yes}
  Role: {Type: "AWS::IAM::Role"}
"""
JSON = """
{"Resources": {"Job": {"Type": "AWS::Glue::Job", "Properties": {
    "Role": {"Fn::GetAtt": ["Role", "Arn"]},
\t"Name": {"Fn::Sub": "${Stage}-etl"}}}}}
"""


def refusal(text: str) -> str:
    with pytest.raises(TemplateError) as raised:
        template_of(text, Path(), "x.yaml")
    return str(raised.value)


def test_short_tags_are_functions() -> None:
    assert template_of(YAML, Path()).resources["Job"]["Properties"] == {
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "GlueVersion": 4.0,
        "Name": {"Fn::Sub": "${Stage}-etl"},
        "DefaultArguments": {"--enable-metrics": True, "--on": True},
    }


def test_json_with_tabs_is_read() -> None:
    properties = template_of(JSON, Path()).resources["Job"]["Properties"]
    assert properties["Name"] == {"Fn::Sub": "${Stage}-etl"}


def test_dates_stay_texts() -> None:
    assert template_of(YAML, Path()).document["AWSTemplateFormatVersion"] == "2010-09-09"


def test_the_last_of_equal_names_holds() -> None:
    text = "Resources: {A: {Type: AWS::Glue::Job, Properties: {Name: x, Name: y}}}"
    assert template_of(text, Path()).resources["A"]["Properties"] == {"Name": "y"}


def test_a_resource_knows_its_line() -> None:
    template = template_of(YAML, Path())
    assert (template.line_of("Job"), template.line_of("Role"), template.line_of("None")) == (6, 13, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1", "x.yaml has no Resources; it is no CloudFormation template"),
        ("Resources: [1]", "x.yaml has no Resources; it is no CloudFormation template"),
        ("Resources: {A: {}}", "x.yaml: the resource A has no Type"),
        ("Resources:\n  A: b: c", "x.yaml is neither YAML nor JSON (line 2): mapping values are not allowed here"),
        (
            "Transform: AWS::Serverless-2016-10-31\nResources: {}",
            "x.yaml: lakebox does not expand the transform AWS::Serverless-2016-10-31 (SAM); "
            "take the functions out of the template",
        ),
        (
            "Transform: [AWS::LanguageExtensions]\nResources: {}",
            "x.yaml: lakebox does not expand the transform AWS::LanguageExtensions; write its resources out",
        ),
        (
            "Resources: {'Fn::ForEach::Jobs': []}",
            "x.yaml: lakebox does not expand Fn::ForEach::Jobs in Resources; write them out",
        ),
    ],
)
def test_what_is_no_template_is_refused(text: str, said: str) -> None:
    assert refusal(text) == said
