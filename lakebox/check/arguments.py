"""Arguments of jobs: those that a script asks for, and those of Glue's own that would not work.

Source: AWS Glue, "Using job parameters in AWS Glue jobs" and "Migrating to AWS Glue version 6.0".
"""

import ast
from collections.abc import Iterator, Mapping

from lakebox.check.finding import EVERYWHERE, GLUE_6_0, LAKEBOX, Finding
from lakebox.endpoint.service import ServiceError
from lakebox.glue.jobs.arguments import special_of

GLUE_GIVES = {"JOB_NAME", "JOB_ID", "JOB_RUN_ID", "WORKFLOW_NAME", "WORKFLOW_RUN_ID", "TempDir"}


def argument_findings(tree: ast.Module, name: str, arguments: Mapping[str, str]) -> Iterator[Finding]:
    """What is wrong between getResolvedOptions and a job's arguments; nothing where no arguments are known."""
    given = {argument.removeprefix("--").replace("-", "_") for argument in arguments}
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and "getResolvedOptions" in ast.dump(call.func) and len(call.args) > 1):
            continue
        if not given or any(keyword.arg == "allow_abbrev" for keyword in call.keywords):
            continue
        for element in getattr(call.args[1], "elts", []):
            wanted = element.value if isinstance(element, ast.Constant) and isinstance(element.value, str) else ""
            if not wanted or wanted.replace("-", "_") in given | GLUE_GIVES:
                continue
            short = next((argument for argument in sorted(given) if wanted.startswith(argument)), None)
            if short is not None:
                text = f"the job has --{short} for --{wanted}: Glue 6.0 takes no abbreviations"
                yield Finding(name, call.lineno, True, (GLUE_6_0,), text)
            else:
                text = f"the job's definition has no --{wanted}: it must be given with each run"
                yield Finding(name, call.lineno, False, EVERYWHERE, text)


def special_findings(name: str, line: int, arguments: Mapping[str, str]) -> Iterator[Finding]:
    """What is wrong with a job's arguments for Glue itself."""
    if arguments.get("--job-language", "python").lower() == "scala":
        yield Finding(name, line, True, (LAKEBOX,), "lakebox runs Python jobs; Scala needs AWS")
        text = "jars and scripts must be of Scala 2.13"
        yield Finding(name, line, False, (GLUE_6_0,), text)
    if "consistent" in arguments.get("--conf", "") or "EmrFileSystem" in arguments.get("--conf", ""):
        yield Finding(name, line, True, (GLUE_6_0,), "--conf: Glue 6.0 has no EMRFS: leave its settings out")
    if arguments.get("--extra-jars"):
        yield Finding(name, line, False, (GLUE_6_0,), "--extra-jars: jars must be made for Scala 2.13 and Spark 4.1")
    try:
        special_of(dict(arguments))
    except ServiceError as error:
        yield Finding(name, line, True, (LAKEBOX,), error.message)
