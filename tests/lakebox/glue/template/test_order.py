"""The order in which resources are made: after what they refer to, whatever way they do."""

from pathlib import Path

import pytest

from lakebox.glue.template.document import TemplateError, template_of
from lakebox.glue.template.order import in_order


def order(resources: str) -> list[str]:
    template = template_of(f"Resources: {resources}", Path())
    return in_order(template, template.resources, {"Trigger": 2, "Job": 1, "Bucket": 0}.__getitem__)


@pytest.mark.parametrize(
    "reference",
    ["!Ref B", "!GetAtt B.Arn", "!Sub '${B}/x'", "!Sub '${B.Arn}'", "!Sub ['${X}', {X: !Ref B}]", "[{x: !Ref B}]"],
)
def test_a_resource_follows_what_it_refers_to(reference: str) -> None:
    assert order(f"{{A: {{Type: Bucket, Properties: {{P: {reference}}}}}, B: {{Type: Job}}}}") == ["B", "A"]


def test_depends_on_counts_like_a_reference() -> None:
    assert order("{A: {Type: Job, DependsOn: B}, B: {Type: Job, DependsOn: [C]}, C: {Type: Job}}") == ["C", "B", "A"]


def test_kinds_that_others_name_come_first() -> None:
    assert order("{A: {Type: Trigger}, B: {Type: Job}, C: {Type: Bucket}, D: {Type: Bucket}}") == ["C", "D", "B", "A"]


def test_a_circle_is_named() -> None:
    with pytest.raises(TemplateError, match=r"in a circle: [AB] -> [AB] -> [AB]"):
        order("{A: {Type: Job, DependsOn: B}, B: {Type: Job, Properties: {P: !Ref A}}}")


def test_depending_on_nothing_is_refused() -> None:
    with pytest.raises(TemplateError, match="A depends on C, which the template does not have"):
        order("{A: {Type: Job, DependsOn: C}}")
