"""A script's imports that would fail: modules that Glue or this sandbox has not, names that lakebox's awsglue lacks."""

import ast
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from lakebox.check.finding import BOTH, EVERYWHERE, GLUE_6_0, LAKEBOX, Finding
from lakebox.check.job import Job
from lakebox.check.modules import GLUE, NOT_HERE, PYTHON_2, REMOVED, SHELL, package_of
from lakebox.check.runtime_names import names_of, refused_transforms
from lakebox.glue import provided_modules

RUNTIME = ("awsglue", "awsgluedq", "pyspark", "py4j")
CAUGHT = ("Import", "ModuleNotFound", "Exception")


def import_findings(tree: ast.Module, path: Path, job: Job) -> Iterator[Finding]:
    """What is wrong with a script's imports. One that the script itself catches does not fail."""
    name = str(path)
    guarded = {id(node) for node in _guarded(tree)}
    for node in (node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)):
        for module in _modules(node):
            finding = _missing(module.split(".")[0], Finding(name, node.lineno, True, EVERYWHERE, ""), path.parent, job)
            if finding is not None:
                yield replace(finding, fails=finding.fails and id(node) not in guarded)
            if module.split(".")[0] in RUNTIME[:2] and names_of(module) is None:
                yield Finding(name, node.lineno, True, (LAKEBOX,), f"lakebox has no module {module}")
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] in RUNTIME[:2]:
            yield from _missing_names(node, name)
    if any("awsglue.transforms" in _modules(node) for node in ast.walk(tree)):
        yield from _refused_uses(tree, name)


def _modules(node: ast.AST) -> list[str]:
    """The modules that a statement imports, relative ones left out."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [str(node.module)] if isinstance(node, ast.ImportFrom) and not node.level else []


def _guarded(tree: ast.Module) -> Iterator[ast.AST]:
    """All below `try:` where a missing module is caught."""
    for block in ast.walk(tree):
        if isinstance(block, ast.Try) and any(
            handler.type is None or any(name in ast.dump(handler.type) for name in CAUGHT) for handler in block.handlers
        ):
            for statement in block.body:
                yield from ast.walk(statement)


def _missing(module: str, at: Finding, folder: Path, job: Job) -> Finding | None:
    """What is wrong with importing a module; None where nothing is."""
    if module in REMOVED:
        return replace(at, where=(GLUE_6_0,), text=f"Python 3.13 has no module {module} any more; replace it")
    if module in sys.stdlib_module_names or module == "__main__":
        return None
    if module in PYTHON_2:
        return replace(at, text=f"{module} is of Python 2; import {PYTHON_2[module]}")
    if module in NOT_HERE:
        return replace(at, where=(LAKEBOX,), text=NOT_HERE[module])
    package = package_of(module)
    if _is_given(module, package, job):
        return None
    is_here = importlib.util.find_spec(module) is not None
    if (folder / f"{module}.py").is_file() or (folder / module).is_dir():
        return replace(at, fails=False, text=f"{module} lies beside the script: name it in --extra-py-files")
    if module in (SHELL if job.is_shell else GLUE):
        if (
            module in RUNTIME
            or is_here
            or module in (provided_modules.SHELL if job.is_shell else provided_modules.SPARK)
        ):
            return None
        text = f"Glue has {module}, lakebox has not: run it with --additional-python-modules {package}"
        return replace(at, where=(LAKEBOX,), text=text)
    how = f"name it in --additional-python-modules {package}, or its file in --extra-py-files"
    shell = "; Python shell jobs have it (--shell)" if module in SHELL and not job.is_shell else ""
    return replace(at, where=BOTH if is_here else EVERYWHERE, text=f"Glue has no module {module}: {how}{shell}")


def _is_given(module: str, package: str, job: Job) -> bool:
    """Whether the job's arguments bring a module, or archives that may hold it."""
    modules, files = job.listed("--additional-python-modules"), job.listed("--extra-py-files")
    named = (module.lower(), package.lower().replace("-", "_"))
    opaque = any("requirements" in entry or entry.endswith(".zip") for entry in modules)
    return bool(files) or opaque or any(entry.startswith(named) for entry in modules)


def _missing_names(node: ast.ImportFrom, name: str) -> Iterator[Finding]:
    """Names that lakebox's module does not have."""
    known = names_of(str(node.module))
    for alias in node.names:
        if known is not None and alias.name != "*" and alias.name not in known:
            yield Finding(name, node.lineno, True, (LAKEBOX,), f"lakebox's {node.module} has no {alias.name}")


def _refused_uses(tree: ast.Module, name: str) -> Iterator[Finding]:
    refused = refused_transforms()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in refused:
            text = f"lakebox does not have the transform {node.id}: {refused[node.id]}"
            yield Finding(name, node.lineno, True, (LAKEBOX,), text)
