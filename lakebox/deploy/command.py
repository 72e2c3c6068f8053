"""`lakebox deploy` on the sandbox: a template's file, or CDK's folder -> its stacks, with a line a resource."""

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click
from botocore.exceptions import BotoCoreError, ClientError

from jobs.lake.errors import LakeboxError
from lakebox.deploy.api import Clients
from lakebox.deploy.cdk import AppStack, CdkAssets, assets_beside, stacks_of
from lakebox.deploy.stack import Deployment, Step
from lakebox.endpoint.service import ACCOUNT
from lakebox.glue.template.document import Template, TemplateError, read_template
from lakebox.glue.template.scope import Account

REGION = "us-east-1"
STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")


class DeployError(LakeboxError):
    """A resource could not be made or removed."""


def stacks_in(path: Path, stack_name: str | None) -> list[AppStack]:
    """The stacks of a template's file or of CDK's folder; a name picks one, or is a file's stack's own.

    Raises TemplateError where there is nothing to deploy.
    """
    if path.is_dir():
        folder = path / "cdk.out" if (path / "cdk.out").is_dir() else path
        known = list(stacks_of(folder))
        if not known:
            raise TemplateError(f"{folder} has no stacks; run `cdk synth` first")
        stacks = [stack for stack in known if stack_name in (None, stack.name)]
        if not stacks:
            names = ", ".join(stack.name for stack in known)
            raise TemplateError(f"--stack-name {stack_name}: {folder} has no such stack; it has {names}")
        return stacks
    name = stack_name or re.sub(r"[^A-Za-z0-9]+", "-", path.name.split(".")[0]).strip("-")
    if not STACK_NAME.fullmatch(name):
        raise TemplateError(f"{name!r} is no stack's name: letters, digits and hyphens; give one: --stack-name NAME")
    return [AppStack(name, path, assets_beside(path))]


@contextlib.contextmanager
def in_one_line() -> Iterator[None]:
    """Says what a target that does not answer, or refuses its bucket of stacks, is wrong with."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise DeployError(f"{error}; `lakebox status` tells whether the target is well") from None


@in_one_line()
def deploy(clients: Clients, stacks: Sequence[AppStack], given: Mapping[str, str]) -> None:
    """Deploy stacks, and print what became of each resource. Raises TemplateError, and DeployError where one failed."""
    templates = [read_template(stack.template) for stack in stacks]
    for name in given if len(stacks) > 1 else ():
        if not any(name in template.parameters for template in templates):
            raise TemplateError(f"--parameter {name}: no stack has a parameter of that name")
    for stack, template in zip(stacks, templates, strict=True):
        own = {name: value for name, value in given.items() if len(stacks) == 1 or name in template.parameters}
        deployment = Deployment(clients, Account(stack.name, ACCOUNT, REGION), CdkAssets(stack.assets))
        click.echo(f"stack {stack.name}")
        failed = _print_steps(deployment.deploy(template, {**stack.parameters, **own}))
        for name, value in deployment.record.outputs.items():
            click.echo(f"  output {name} = {value}")
        _end(failed, template)


@in_one_line()
def delete(clients: Clients, stacks: Sequence[AppStack]) -> None:
    """Take stacks away, the last one first. Raises TemplateError where there is none, and DeployError."""
    for stack in reversed(stacks):
        click.echo(f"stack {stack.name}")
        failed = _print_steps(Deployment(clients, Account(stack.name, ACCOUNT, REGION), CdkAssets({})).delete())
        _end(failed, None)


def _print_steps(steps: Iterable[Step]) -> list[Step]:
    """A line a resource, and a count of each outcome; those that failed."""
    counts: dict[str, int] = {}
    failed = []
    for step in steps:
        named = step.logical_id if step.name in ("", step.logical_id) else f"{step.logical_id} ({step.name})"
        click.echo(f"  {step.outcome:<9}  {step.type:<28}  {named}" + (f": {step.note}" if step.note else ""))
        counts[step.outcome] = counts.get(step.outcome, 0) + 1
        failed += [step] if step.outcome == "failed" else []
    click.echo("  " + (", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "nothing to do"))
    return failed


def _end(failed: Sequence[Step], template: Template | None) -> None:
    if failed:
        first = failed[0]
        where = f" (line {template.line_of(first.logical_id)})" if template is not None else ""
        more = f"; {len(failed) - 1} more failed" if len(failed) > 1 else ""
        raise DeployError(f"{first.logical_id}{where}: {first.note}{more}; the rest is there: mend that, deploy again")
