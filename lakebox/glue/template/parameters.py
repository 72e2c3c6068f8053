"""Values of a template's parameters: as given, else by default; checked by what the template allows."""

import re
from collections.abc import Iterable, Mapping

from lakebox.glue.template.document import Template, TemplateError, Value
from lakebox.glue.template.text import text_of

SSM = "AWS::SSM::Parameter"


class Parameters:
    """The values of a template's parameters. One without a value is an error only where it is needed.

    So a network's ids, which nothing in the sandbox needs, need not be made up.
    """

    def __init__(self, template: Template, given: Mapping[str, str]) -> None:
        for name in given:
            if name not in template.parameters:
                known = ", ".join(template.parameters) or "none"
                raise TemplateError(f"--parameter {name}: the template has no such parameter; it has {known}")
        self._declared, self._given = template.parameters, given
        for name in given:
            self.value(name)

    def __contains__(self, name: str) -> bool:
        return name in self._declared

    def require(self, names: Iterable[str]) -> None:
        """Raise TemplateError where some of these parameters have no value; it names them all."""
        missing = [name for name in self._declared if name in names and not self._has_value(name)]
        if missing:
            flags = " ".join(f"--parameter {name}=…" for name in missing)
            read = [name for name in missing if str(self._declared[name].get("Type")).startswith(SSM)]
            why = f" (AWS reads {', '.join(read)} from SSM, which lakebox does not have)" if read else ""
            raise TemplateError(f"the template needs values{why}: {flags}")

    def value(self, name: str) -> Value:
        """A parameter's value: a text, or a list of texts. Raises TemplateError where it has none, or a wrong one."""
        self.require([name])
        declared = self._declared[name]
        kind = str(declared.get("Type", "String"))
        text = self._given[name] if name in self._given else text_of(declared["Default"], f"the default of {name}")
        is_list = kind == "CommaDelimitedList" or "List<" in kind
        values = [part.strip() for part in text.split(",")] if is_list and text else [] if is_list else [text]
        for part in values:
            _check(name, kind, declared, part)
        return values if is_list else text

    def _has_value(self, name: str) -> bool:
        declared = self._declared[name]
        return name in self._given or ("Default" in declared and not str(declared.get("Type")).startswith(SSM))


def _check(name: str, kind: str, declared: Mapping[str, Value], text: str) -> None:
    problem = _problem(kind, declared, text)
    if problem:
        said = declared.get("ConstraintDescription")
        raise TemplateError(f"--parameter {name}={text}: {said or problem}")


def _problem(kind: str, declared: Mapping[str, Value], text: str) -> str | None:
    """What is wrong with a value; None where it may be."""
    allowed = [text_of(value, "an allowed value") for value in declared.get("AllowedValues", [])]
    if allowed and text not in allowed:
        return f"it must be one of {', '.join(allowed)}"
    if "AllowedPattern" in declared and not re.fullmatch(str(declared["AllowedPattern"]), text):
        return f"it must fit the pattern {declared['AllowedPattern']}"
    if len(text) < int(declared.get("MinLength", 0)):
        return f"it must have {declared['MinLength']} characters at least"
    if len(text) > int(declared.get("MaxLength", len(text))):
        return f"it must have {declared['MaxLength']} characters at most"
    if "Number" not in kind:
        return None
    try:
        number = float(text)
    except ValueError:
        return "it must be a number"
    if number < float(declared.get("MinValue", number)):
        return f"it must be {declared['MinValue']} at least"
    if number > float(declared.get("MaxValue", number)):
        return f"it must be {declared['MaxValue']} at most"
    return None
