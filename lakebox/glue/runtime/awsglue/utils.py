"""`getResolvedOptions`: the arguments that a job run was given.

Source: AWS Glue, "Accessing parameters using getResolvedOptions".
"""

from collections.abc import Iterable, Sequence

RESERVED = ("JOB_NAME", "JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION", "TempDir", "WORKFLOW_NAME", "WORKFLOW_RUN_ID",
            "job-bookmark-option", "job-bookmark-from", "job-bookmark-to", "encryption-type")  # fmt: skip


class GlueArgumentError(Exception):
    """An argument that the script asks for was not given."""


def getResolvedOptions(args: Sequence[str], options: Iterable[str]) -> dict[str, str]:
    """The values of the named arguments, and of Glue's own that are there; `--a-b` is also found as `a_b`.

    args: sys.argv, `--name value` or `--name=value`. Raises GlueArgumentError where a named one is missing.
    """
    given = _pairs(args[1:])
    resolved = {name.replace("-", "_"): given[name] for name in RESERVED if name in given}
    missing = []
    for option in options:
        name = option.removeprefix("--")
        spellings = [
            spelling for spelling in (name, name.replace("_", "-"), name.replace("-", "_")) if spelling in given
        ]
        if spellings:
            resolved[name.replace("-", "_")] = given[spellings[0]]
        else:
            missing.append(f"--{name}")
    if missing:
        raise GlueArgumentError(f"the following arguments are required: {', '.join(missing)}")
    return resolved


def _pairs(words: Sequence[str]) -> dict[str, str]:
    """Names and values; a name that another name follows has the empty value."""
    pairs: dict[str, str] = {}
    name = None
    for word in words:
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            pairs[name] = value
            name = None if equals else name
        elif name is not None:
            pairs[name], name = word, None
    return pairs
