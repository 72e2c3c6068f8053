"""The order in which a template's resources are made: each after those that it refers to or depends on."""

import graphlib
from collections.abc import Callable, Iterator, Mapping

from lakebox.glue.template.document import Template, TemplateError, Value
from lakebox.glue.template.functions import VARIABLE


def in_order(template: Template, resources: Mapping[str, Mapping[str, Value]], rank: Callable[[str], int]) -> list[str]:
    """The logical ids of some resources, in the order in which they can be made. Raises TemplateError on a circle.

    rank: of a type; where references leave it open, lower ones come first, then the template's own order. So a trigger
    that names its job by text comes after it.
    """
    sorter: graphlib.TopologicalSorter[str] = graphlib.TopologicalSorter()
    place = {name: number for number, name in enumerate(resources)}
    for name, resource in resources.items():
        needed = _needed(resource)
        unknown = [other for other in _depends_on(resource) if other not in template.resources]
        if unknown:
            raise TemplateError(f"{name} depends on {unknown[0]}, which the template does not have")
        sorter.add(name, *(other for other in needed if other in resources))
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        raise TemplateError(f"resources depend on each other in a circle: {' -> '.join(error.args[1])}") from None
    ordered: list[str] = []
    ready: list[str] = list(sorter.get_ready())
    while ready:
        ready.sort(key=lambda name: (rank(str(resources[name]["Type"])), place[name]))
        ordered.append(ready.pop(0))
        sorter.done(ordered[-1])
        ready += sorter.get_ready()
    return ordered


def _needed(resource: Mapping[str, Value]) -> set[str]:
    return {*_depends_on(resource), *references(resource.get("Properties") or {})}


def _depends_on(resource: Mapping[str, Value]) -> list[str]:
    named = resource.get("DependsOn") or []
    return [named] if isinstance(named, str) else list(named)


def references(value: Value) -> Iterator[str]:
    """The names that a value refers to: resources, parameters and pseudo parameters."""
    if isinstance(value, list):
        for member in value:
            yield from references(member)
    elif isinstance(value, dict):
        for name, argument in value.items():
            if name == "Ref" and isinstance(argument, str):
                yield argument
            elif name == "Fn::GetAtt" and argument:
                yield str(argument[0] if isinstance(argument, list) else argument).split(".", 1)[0]
            elif name == "Fn::Sub":
                text = argument[0] if isinstance(argument, list) and argument else argument
                yield from (match[2].strip().split(".", 1)[0] for match in VARIABLE.finditer(str(text)) if not match[1])
                yield from references(argument)
            else:
                yield from references(argument)
