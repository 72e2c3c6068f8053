"""Values of templates as texts, as CloudFormation turns numbers and booleans into them."""

import json

from lakebox.glue.template.document import TemplateError, Value


def text_of(value: Value, what: str) -> str:
    """A value as text: `true`, `4.0`. Raises TemplateError, which names `what`, on a list or an object."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return json.dumps(value)
    raise TemplateError(f"{what} must be a text, not {json.dumps(value, default=str)[:80]}")
