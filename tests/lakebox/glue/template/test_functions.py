"""CloudFormation's functions, each by a value in a template and what it stands for."""

from typing import Any

import pytest
from template_scope import scope_of, value_of

from lakebox.glue.template.document import TemplateError
from lakebox.glue.template.functions import holds
from lakebox.glue.template.scope import UnavailableError

TEMPLATE = """
Parameters:
  Stage: {Type: String, Default: dev}
  Zones: {Type: CommaDelimitedList, Default: "a, b"}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsSmall: !And [!Not [{Condition: IsProd}], !Or [!Equals [1, "1"], !Condition IsProd]]
Mappings:
  Sizes: {dev: {workers: 2}, prod: {workers: 10}}
Resources:
  Data: {Type: AWS::S3::Bucket}
  Server: {Type: AWS::RDS::DBInstance}
"""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("!Ref Stage", "dev"),
        ("!Ref Zones", ["a", "b"]),
        ("!Ref Data", "shop-data"),
        ("!Ref AWS::AccountId", "000000000000"),
        ("!GetAtt Data.Arn", "arn:aws:s3:::shop-data"),
        ("{Fn::GetAtt: [Data, Arn]}", "arn:aws:s3:::shop-data"),
        ("!Sub 's3://${Data}/${Stage}/${!Literal}/${AWS::Region}'", "s3://shop-data/dev/${Literal}/us-east-1"),
        ("!Sub '${Data.Arn}/*'", "arn:aws:s3:::shop-data/*"),
        ("!Sub ['${A}-${Stage}', {A: !Select [1, [x, y]]}]", "y-dev"),
        ("!Join ['-', [a, !Ref Stage, 1, true]]", "a-dev-1-true"),
        ("!Join ['', !Ref Zones]", "ab"),
        ("!Split ['/', a/b]", ["a", "b"]),
        ("!Select ['1', !Split [',', 'a,b']]", "b"),
        ("!If [IsProd, big, small]", "small"),
        ("!If [IsSmall, {A: 1}, 2]", {"A": 1}),
        ("{A: 1, B: !Ref AWS::NoValue, C: [!If [IsProd, 1, !Ref AWS::NoValue], 2]}", {"A": 1, "C": [2]}),
        ("!FindInMap [Sizes, !Ref Stage, workers]", 2),
        ("!Base64 abc", "YWJj"),
        ("!GetAZs ''", ["us-east-1a", "us-east-1b", "us-east-1c"]),
        ("!Cidr [10.0.0.0/16, 2, 8]", ["10.0.0.0/24", "10.0.1.0/24"]),
    ],
)
def test_a_function_gives_its_value(value: str, expected: Any) -> None:
    assert value_of(value, scope_of(TEMPLATE)) == expected


@pytest.mark.parametrize(("stage", "is_prod", "is_small"), [("prod", True, False), ("dev", False, True)])
def test_conditions_go_by_parameters(stage: str, is_prod: bool, is_small: bool) -> None:
    scope = scope_of(TEMPLATE, Stage=stage)
    assert (holds("IsProd", scope), holds("IsSmall", scope)) == (is_prod, is_small)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("!Ref Nobody", "the template refers to Nobody, but has no parameter or resource of that name"),
        ("!FindInMap [Sizes, test, workers]", "the template's Mappings have no Sizes -> test -> workers"),
        ("!Select [2, [a]]", "Fn::Select takes entry 2 of a list that has 1"),
        ("!Join ['-', a]", "Fn::Join takes a list, not 'a'"),
        ("!If [a, b]", "Fn::If takes a list of 3, not ['a', 'b']"),
        ("!If [Nothing, a, b]", "the template has no condition Nothing"),
        ("!Sub 'x${Zones}'", '${Zones} in Fn::Sub must be a text, not ["a", "b"]'),
        (
            "!ImportValue net-vpc",
            "no stack of this sandbox exports net-vpc (Fn::ImportValue); deploy the one that does first, "
            "or write the value out",
        ),
        (
            "!Transform {Name: AWS::Include, Parameters: {}}",
            "lakebox does not expand the transform AWS::Include (Fn::Transform); write its result out",
        ),
        (
            "!ToJsonString {a: 1}",
            "lakebox does not have the function Fn::ToJsonString; write its value out, or use a parameter",
        ),
    ],
)
def test_what_can_not_be_carried_out_is_refused(value: str, said: str) -> None:
    with pytest.raises(TemplateError) as raised:
        value_of(value, scope_of(TEMPLATE))
    assert str(raised.value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("'{{resolve:ssm:/db/password:1}}'", "it needs a value of ssm, which lakebox does not have: use a parameter"),
        ("!Ref Server", "it needs Server, which is not there"),
        ("!GetAtt Data.WebsiteURL", "it needs Data.WebsiteURL of AWS::S3::Bucket, which lakebox does not know"),
    ],
)
def test_what_only_aws_knows_is_unavailable(value: str, said: str) -> None:
    with pytest.raises(UnavailableError) as raised:
        value_of(value, scope_of(TEMPLATE))
    assert str(raised.value) == said
