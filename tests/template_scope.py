"""Templates of tests: a text -> what its values stand for."""

from pathlib import Path
from typing import Any

from lakebox.glue.template.document import template_of
from lakebox.glue.template.functions import resolved
from lakebox.glue.template.parameters import Parameters
from lakebox.glue.template.scope import Account, Identity, Scope

SANDBOX = Account("shop", "000000000000", "us-east-1")


def scope_of(text: str = "Resources: {}", **given: str) -> Scope:
    """What a template's names stand for; it has a bucket `Data` that is there."""
    template = template_of(text, Path())
    scope = Scope(template, Parameters(template, given), SANDBOX)
    scope.resources["Data"] = Identity("shop-data", {"Arn": "arn:aws:s3:::shop-data"})
    return scope


def value_of(yaml: str, scope: Scope | None = None) -> Any:
    """What a value, written in YAML, stands for."""
    document = template_of(f"Resources: {{}}\nMappings: {{value: {yaml}}}\n", Path()).mappings["value"]
    return resolved(document, scope or scope_of())
