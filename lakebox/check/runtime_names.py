"""What lakebox's own awsglue and awsgluedq have, read from their sources: importing them would import Spark."""

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path

RUNTIME = Path(__file__).parent.parent / "glue" / "runtime"


@cache
def names_of(module: str) -> frozenset[str] | None:
    """The names that a module of the runtime has; None where there is no such module."""
    path = RUNTIME.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    if not file.is_file():
        return None
    names = {entry.stem for entry in path.iterdir()} if path.is_dir() else set()
    for statement in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            names.add(statement.name)
        elif isinstance(statement, ast.Assign):
            names |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            names.add(statement.target.id)
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in statement.names}
    return frozenset(names | ({"DynamicFrame"} if module == "awsglue" else set()))


@cache
def refused_transforms() -> Mapping[str, str]:
    """The transforms of Glue that lakebox refuses, and what to use instead."""
    source = (RUNTIME / "awsglue" / "transforms" / "__init__.py").read_text(encoding="utf-8")
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    refusals = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "_refused"]
    return {ast.literal_eval(call.args[0]): ast.literal_eval(call.args[1]) for call in refusals}


@cache
def table(file: str, name: str) -> Mapping[str, str]:
    """A table of the runtime's: names, and what to use instead of each."""
    for statement in ast.parse((RUNTIME / "awsglue" / file).read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and any(getattr(target, "id", "") == name for target in statement.targets):
            value = ast.literal_eval(statement.value)
            return value if isinstance(value, dict) else dict.fromkeys(value, "")
    raise LookupError(f"{file} of the runtime has no {name}")
