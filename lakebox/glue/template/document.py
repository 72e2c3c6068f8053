"""Reads a template's text, YAML or JSON, into plain values; `!Ref` and its like become `{"Ref": …}`.

PyYAML reads it: CloudFormation's YAML is 1.1, as PyYAML's is (`yes` is true), and its loaders take tags one by one.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from jobs.lake.errors import LakeboxError

Value = Any  # what JSON has: texts, numbers, booleans, lists, objects
WITHOUT_PREFIX = ("Ref", "Condition")
SECTIONS = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs")


class TemplateError(LakeboxError):
    """A template can't be read, or says what CloudFormation or lakebox does not take."""


@dataclass(frozen=True)
class Template:
    """A template's sections, and the folder by which its local paths go."""

    parameters: Mapping[str, Mapping[str, Value]]
    mappings: Mapping[str, Value]
    conditions: Mapping[str, Value]
    resources: Mapping[str, Mapping[str, Value]]
    outputs: Mapping[str, Mapping[str, Value]]
    folder: Path
    document: Mapping[str, Value] = field(repr=False)
    text: str = field(default="", repr=False)

    def line_of(self, name: str) -> int:
        """The line on which a resource or a parameter starts, the least indented one of its name; 1 where none is."""
        starts = list(re.finditer(rf'^([ \t]*)["\']?{re.escape(name)}["\']?[ \t]*:', self.text, flags=re.MULTILINE))
        first = min(starts, key=lambda start: len(start[1]), default=None)
        return 1 if first is None else self.text.count("\n", 0, first.start()) + 1


def read_template(path: Path) -> Template:
    """A template from a file. Raises TemplateError where it is none, or needs a macro."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(f"{path} can't be read ({error}); name a template's file") from None
    return template_of(text, path.parent, str(path))


def template_of(text: str, folder: Path, name: str = "the template") -> Template:
    """A template from its text. Raises TemplateError."""
    document = _parsed(text, name)
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
        raise TemplateError(f"{name} has no Resources; it is no CloudFormation template")
    macros = document.get("Transform") or []
    for macro in macros if isinstance(macros, list) else [macros]:
        raise TemplateError(_refusal(name, macro))
    sections = {section: document.get(section) or {} for section in SECTIONS}
    for section, entries in sections.items():
        _check_entries(name, section, entries)
    lowered = {section.lower(): entries for section, entries in sections.items()}
    return Template(**lowered, folder=folder, document=document, text=text)


def _parsed(text: str, name: str) -> Value:
    try:
        if text.lstrip().startswith("{"):
            return json.loads(text)
        return yaml.load(text, _Loader)  # noqa: S506 a safe loader, with CloudFormation's tags
    except (ValueError, yaml.YAMLError) as error:
        where = getattr(error, "problem_mark", None)
        line = f" (line {where.line + 1})" if where is not None else ""
        said = getattr(error, "problem", None) or error
        raise TemplateError(f"{name} is neither YAML nor JSON{line}: {said}") from None


def _refusal(name: str, macro: Value) -> str:
    called = macro.get("Name", "a macro") if isinstance(macro, dict) else macro
    if str(called).startswith("AWS::Serverless"):
        return f"{name}: lakebox does not expand the transform {called} (SAM); take the functions out of the template"
    return f"{name}: lakebox does not expand the transform {called}; write its resources out"


def _check_entries(name: str, section: str, entries: Value) -> None:
    if not isinstance(entries, dict):
        raise TemplateError(f"{name}: {section} must be an object of names")
    for entry, content in entries.items():
        if str(entry).startswith("Fn::"):
            raise TemplateError(f"{name}: lakebox does not expand {entry} in {section}; write them out")
        if section in ("Parameters", "Resources", "Outputs") and not isinstance(content, dict):
            raise TemplateError(f"{name}: {entry} in {section} must be an object")
        if section == "Resources" and not isinstance(content.get("Type"), str):
            raise TemplateError(f"{name}: the resource {entry} has no Type")


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's tags; dates stay texts, and of a name that is there twice the last one holds."""

    yaml_implicit_resolvers = {  # noqa: RUF012 PyYAML's own attribute
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _function(loader: _Loader, name: str, node: yaml.Node) -> Value:
    """`!Sub text` as `{"Fn::Sub": text}`."""
    if isinstance(node, yaml.ScalarNode):
        value: Value = loader.construct_scalar(node)
        if name == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = _mapping(loader, node)
    return {name if name in WITHOUT_PREFIX else f"Fn::{name}": value}


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[str, Value]:
    loader.flatten_mapping(node)
    found: dict[str, Value] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        found[str(key).lower() if isinstance(key, bool) else str(key)] = loader.construct_object(value_node, deep=True)
    return found


_Loader.add_multi_constructor("!", _function)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
