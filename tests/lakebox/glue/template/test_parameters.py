"""Parameters of templates: given values win over defaults, and must be what the template allows."""

import pytest
from template_scope import scope_of

from lakebox.glue.template.document import TemplateError


def value(declared: str, **given: str) -> object:
    return scope_of(f"Parameters: {{P: {declared}}}\nResources: {{}}", **given).parameters.value("P")


@pytest.mark.parametrize(
    ("declared", "given", "expected"),
    [
        ("{Type: String, Default: a}", {}, "a"),
        ("{Type: String, Default: a}", {"P": "b"}, "b"),
        ("{Type: Number, Default: 2}", {}, "2"),
        ("{Type: String, Default: true}", {}, "true"),
        ("{Type: CommaDelimitedList}", {"P": "a, b"}, ["a", "b"]),
        ("{Type: List<Number>, Default: ''}", {}, []),
        ("{Type: 'List<AWS::EC2::Subnet::Id>', Default: 'x,y'}", {}, ["x", "y"]),
        ("{Type: AWS::EC2::VPC::Id}", {"P": "vpc-1"}, "vpc-1"),
        ("{Type: AWS::SSM::Parameter::Value<String>, Default: /path}", {"P": "itself"}, "itself"),
    ],
)
def test_a_parameter_has_its_value(declared: str, given: dict[str, str], expected: object) -> None:
    assert value(declared, **given) == expected


@pytest.mark.parametrize(
    ("declared", "given", "said"),
    [
        ("{Type: String}", {}, "the template needs values: --parameter P=…"),
        (
            "{Type: AWS::SSM::Parameter::Value<String>, Default: /a}",
            {},
            "the template needs values (AWS reads P from SSM, which lakebox does not have): --parameter P=…",
        ),
        ("{Type: String, AllowedValues: [dev, prod]}", {"P": "x"}, "--parameter P=x: it must be one of dev, prod"),
        ("{Type: String, AllowedPattern: '[a-z]+'}", {"P": "X"}, "--parameter P=X: it must fit the pattern [a-z]+"),
        ("{Type: String, MinLength: 2}", {"P": "a"}, "--parameter P=a: it must have 2 characters at least"),
        ("{Type: String, MaxLength: 2}", {"P": "abc"}, "--parameter P=abc: it must have 2 characters at most"),
        ("{Type: Number}", {"P": "many"}, "--parameter P=many: it must be a number"),
        ("{Type: Number, MinValue: 2}", {"P": "1"}, "--parameter P=1: it must be 2 at least"),
        ("{Type: Number, MaxValue: 2}", {"P": "3"}, "--parameter P=3: it must be 2 at most"),
        ("{Type: String, MinLength: 2, ConstraintDescription: two!}", {"P": "a"}, "--parameter P=a: two!"),
        ("{Type: String}", {"Q": "a"}, "--parameter Q: the template has no such parameter; it has P"),
    ],
)
def test_a_wrong_value_is_refused(declared: str, given: dict[str, str], said: str) -> None:
    with pytest.raises(TemplateError) as raised:
        value(declared, **given)
    assert str(raised.value) == said
