"""CloudFormation's functions: a value of a template -> what it stands for.

Source: AWS CloudFormation, "Intrinsic function reference".
"""

import base64
import ipaddress
import itertools
import re
from collections.abc import Callable, Mapping

from lakebox.glue.template.document import TemplateError, Value
from lakebox.glue.template.scope import NO_VALUE, Scope, UnavailableError
from lakebox.glue.template.text import text_of

VARIABLE = re.compile(r"\$\{(!?)([^}]*)\}")
DYNAMIC = re.compile(r"\{\{resolve:([\w-]+):")


def resolved(value: Value, scope: Scope) -> Value:
    """A value with all functions carried out. Raises TemplateError, and UnavailableError where only AWS knows it."""
    if isinstance(value, list):
        return [item for item in (resolved(member, scope) for member in value) if item is not NO_VALUE]
    if isinstance(value, dict):
        return _object(value, scope)
    if isinstance(value, str) and (dynamic := DYNAMIC.search(value)):
        raise UnavailableError(f"it needs a value of {dynamic[1]}, which lakebox does not have: use a parameter")
    return value


def _object(value: Mapping[str, Value], scope: Scope) -> Value:
    if len(value) == 1:
        ((name, argument),) = value.items()
        if name in FUNCTIONS:
            return FUNCTIONS[name](argument, scope)
        if name.startswith("Fn::"):
            raise TemplateError(f"lakebox does not have the function {name}; write its value out, or use a parameter")
    members = {name: resolved(member, scope) for name, member in value.items()}
    return {name: member for name, member in members.items() if member is not NO_VALUE}


def holds(condition: Value, scope: Scope) -> bool:
    """Whether a condition holds: a name of the template's Conditions, or one of the functions that make one."""
    if isinstance(condition, str):
        if condition not in scope.template.conditions:
            raise TemplateError(f"the template has no condition {condition}")
        return holds(scope.template.conditions[condition], scope)
    if not isinstance(condition, dict) or len(condition) != 1:
        raise TemplateError(f"{condition!r} is no condition; use Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition")
    ((name, argument),) = condition.items()
    if name == "Condition":
        return holds(argument, scope)
    if name == "Fn::Equals":
        first, second = _arguments(name, argument, 2, 2)
        return bool(_comparable(resolved(first, scope)) == _comparable(resolved(second, scope)))
    if name in ("Fn::And", "Fn::Or"):
        parts = _arguments(name, argument, 1, 10)
        return (all if name == "Fn::And" else any)(holds(part, scope) for part in parts)
    if name == "Fn::Not":
        return not holds(_arguments(name, argument, 1, 1)[0], scope)
    raise TemplateError(f"{name} is no condition; use Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition")


def _comparable(value: Value) -> Value:
    return value if isinstance(value, list | dict) or value is NO_VALUE else text_of(value, "Fn::Equals")


def _arguments(name: str, value: Value, least: int, most: int) -> list[Value]:
    if not isinstance(value, list) or not least <= len(value) <= most:
        count = f"{least}" if least == most else f"{least} to {most}"
        raise TemplateError(f"{name} takes a list of {count}, not {value!r}")
    return value


def _ref(name: Value, scope: Scope) -> Value:
    return scope.ref(text_of(name, "Ref"))


def _get_att(argument: Value, scope: Scope) -> Value:
    if isinstance(argument, str):
        argument = argument.split(".", 1)
    name, attribute = _arguments("Fn::GetAtt", argument, 2, 2)
    return scope.attribute(text_of(name, "Fn::GetAtt"), text_of(resolved(attribute, scope), "Fn::GetAtt"))


def _sub(argument: Value, scope: Scope) -> str:
    """`${Name}`, `${Resource.Attribute}`, `${AWS::Region}`, names of its own, and `${!Literal}`."""
    text, own = (argument, {}) if isinstance(argument, str) else _arguments("Fn::Sub", argument, 2, 2)

    def value(match: re.Match[str]) -> str:
        literal, name = match[1], match[2].strip()
        if literal:
            return f"${{{match[2]}}}"
        if name in own:
            found = resolved(own[name], scope)
        elif "." in name:
            found = scope.attribute(*name.split(".", 1))
        else:
            found = scope.ref(name)
        return "" if found is NO_VALUE else text_of(found, f"${{{name}}} in Fn::Sub")

    substituted = VARIABLE.sub(value, text_of(text, "Fn::Sub"))
    return str(resolved(substituted, scope))


def _join(argument: Value, scope: Scope) -> str:
    delimiter, parts = _arguments("Fn::Join", argument, 2, 2)
    texts = [text_of(part, "a part of Fn::Join") for part in _listed("Fn::Join", parts, scope)]
    return str(resolved(text_of(delimiter, "Fn::Join").join(texts), scope))


def _split(argument: Value, scope: Scope) -> list[str]:
    delimiter, text = _arguments("Fn::Split", argument, 2, 2)
    return text_of(resolved(text, scope), "Fn::Split").split(text_of(delimiter, "Fn::Split"))


def _select(argument: Value, scope: Scope) -> Value:
    index, values = _arguments("Fn::Select", argument, 2, 2)
    text, found = text_of(resolved(index, scope), "Fn::Select"), _listed("Fn::Select", values, scope)
    if not text.isdigit():
        raise TemplateError(f"Fn::Select takes the number of an entry, not {text!r}")
    position = int(text)
    if position >= len(found):
        raise TemplateError(f"Fn::Select takes entry {position} of a list that has {len(found)}")
    return found[position]


def _listed(name: str, value: Value, scope: Scope) -> list[Value]:
    found = resolved(value, scope)
    if not isinstance(found, list):
        raise TemplateError(f"{name} takes a list, not {found!r}")
    return found


def _if(argument: Value, scope: Scope) -> Value:
    condition, then, otherwise = _arguments("Fn::If", argument, 3, 3)
    return resolved(then if holds(condition, scope) else otherwise, scope)


def _find_in_map(argument: Value, scope: Scope) -> Value:
    name, *keys = (text_of(resolved(part, scope), "Fn::FindInMap") for part in _arguments(
        "Fn::FindInMap", argument, 3, 3))  # fmt: skip
    found: Value = scope.template.mappings
    for key in (name, *keys):
        if not isinstance(found, Mapping) or key not in found:
            raise TemplateError(f"the template's Mappings have no {' -> '.join((name, *keys))}")
        found = found[key]
    return found


def _base64(argument: Value, scope: Scope) -> str:
    return base64.b64encode(text_of(resolved(argument, scope), "Fn::Base64").encode()).decode()


def _get_azs(argument: Value, scope: Scope) -> list[str]:
    region = text_of(resolved(argument, scope), "Fn::GetAZs") or scope.account.region
    return [f"{region}{letter}" for letter in "abc"]


def _cidr(argument: Value, scope: Scope) -> list[str]:
    """The first `count` blocks, each with `bits` bits for hosts."""
    block, count, *bits = (
        text_of(resolved(part, scope), "Fn::Cidr") for part in _arguments("Fn::Cidr", argument, 2, 3)
    )
    try:
        network = ipaddress.ip_network(block)
        prefix = network.max_prefixlen - int(bits[0] if bits else "8")
        return [str(subnet) for subnet in itertools.islice(network.subnets(new_prefix=prefix), int(count))]
    except ValueError as error:
        raise TemplateError(f"Fn::Cidr: {error}") from None


def _import_value(argument: Value, scope: Scope) -> str:
    name = text_of(resolved(argument, scope), "Fn::ImportValue")
    found = scope.exported(name)
    if found is None:
        text = f"no stack of this sandbox exports {name} (Fn::ImportValue)"
        raise TemplateError(f"{text}; deploy the one that does first, or write the value out")
    return found


def _transform(argument: Value, _: Scope) -> Value:
    name = argument.get("Name", "a macro") if isinstance(argument, dict) else argument
    raise TemplateError(f"lakebox does not expand the transform {name} (Fn::Transform); write its result out")


FUNCTIONS: Mapping[str, Callable[[Value, Scope], Value]] = {
    "Ref": _ref,
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _get_azs,
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Fn::Transform": _transform,
}
