"""The verbs around the API: serve, env, job run, runs, logs, queries. Each imports what it needs in its function."""

import contextlib

import click

LAKE = click.option("--lake", metavar="DIR", help="Folder of the lake [LAKEBOX_LAKE; lake]")
PORT = click.option(
    "--port", type=click.IntRange(0, 65535), metavar="N", help="Port on 127.0.0.1 [LAKEBOX_API_PORT; 4566]"
)


@click.command()
@LAKE
@PORT
def serve(lake: str | None, port: int | None) -> None:
    """Answer AWS's APIs on 127.0.0.1 until Ctrl-C. Glue's jobs and catalog, Athena, S3 and STS, over this lake."""
    import signal

    from lakebox.api.serve import EndpointError, only_one, serving
    from lakebox.settings import api_port, read_settings

    settings = read_settings(lake=lake)
    if settings.stack is not None:
        raise EndpointError("the stack's service api answers already, as long as the stack is up: lakebox env")
    folder = settings.folder
    with only_one(folder), serving(folder, api_port(port), lasting=True) as endpoint:
        number = endpoint.url.rsplit(":", 1)[1]
        flag = "" if number == "4566" else f" --port {number}"
        click.echo(f"lakebox answers on {endpoint.url}; Ctrl-C ends it. In another terminal:")
        click.echo(f'  eval "$(lakebox env --lake {folder}{flag})"')
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


@click.command()
@LAKE
@PORT
def env(lake: str | None, port: int | None) -> None:
    """Print the variables by which AWS's clients reach the endpoint. For a shell: eval "$(lakebox env)"."""
    import shlex

    from lakebox.settings import api_port, read_settings
    from lakebox.targets import client_variables

    for name, value in client_variables(read_settings(lake=lake), api_port(port)).items():
        click.echo(f"export {name}={shlex.quote(value)}")


@click.group()
def job() -> None:
    """Run a Glue script as it is."""


@job.command("run", context_settings={"ignore_unknown_options": True})
@click.argument("script", metavar="SCRIPT")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[--NAME VALUE]...")
@LAKE
@click.option("--shell", is_flag=True, help="Run it as a Python shell job, without Spark")
def job_run(script: str, arguments: tuple[str, ...], lake: str | None, shell: bool) -> None:
    """Run a Glue script once, without a definition. SCRIPT is a file or s3://bucket/key."""
    from lakebox.api.runs import run_once
    from lakebox.settings import read_settings
    from lakebox.targets import open_job_runs

    error = run_once(open_job_runs(read_settings(lake=lake)), script, arguments, shell=shell)
    if error is not None:
        click.echo(f"lakebox: {error}", err=True)
        click.get_current_context().exit(1)


@click.command()
@LAKE
def runs(lake: str | None) -> None:
    """List job and workflow runs, the newest first. State, time, DPU-seconds, price on Glue, and errors."""
    from lakebox.api.runs import print_runs, print_workflow_runs
    from lakebox.console import wide_console
    from lakebox.settings import read_settings
    from lakebox.targets import open_clients, open_job_runs

    settings, console = read_settings(lake=lake), wide_console()
    print_runs(open_job_runs(settings), console)
    with open_clients(settings) as client:
        print_workflow_runs(client("glue"), console)


@click.command()
@click.argument("run_id", metavar="RUN")
@LAKE
def logs(run_id: str, lake: str | None) -> None:
    """Print what a job run has written. RUN is its id, or the first characters of it."""
    from lakebox.api.runs import print_log
    from lakebox.settings import read_settings
    from lakebox.targets import open_job_runs

    print_log(open_job_runs(read_settings(lake=lake)), run_id)


@click.command()
@click.argument("template", metavar="[TEMPLATE]", required=False, type=click.Path(exists=True))
@click.option("--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="Value of a template's parameter")
@click.option("--stack-name", metavar="NAME", help="Name of the stack [the file's; with CDK, all of its stacks]")
@click.option("--delete", is_flag=True, help="Take away what the stack has made")
@click.option("--yes", is_flag=True, help="With LAKEBOX_TARGET=aws: apply the changes without asking")
@LAKE
def deploy(  # noqa: PLR0913 an argument a flag
    template: str | None,
    parameters: tuple[str, ...],
    stack_name: str | None,
    delete: bool,
    yes: bool,
    lake: str | None,
) -> None:
    """Make what a CloudFormation template has. TEMPLATE is a file or CDK's cdk.out [our catalog/lakehouse.yaml]"""
    from pathlib import Path

    from lakebox.deploy import command
    from lakebox.deploy.lakehouse import note_deployed
    from lakebox.settings import LAKEHOUSE, is_aws, read_settings
    from lakebox.targets import lakehouse_parameters, open_clients

    wrong = [text for text in parameters if "=" not in text]
    if wrong:
        raise click.BadParameter(f"{wrong[0]!r} is not NAME=VALUE", param_hint="--parameter")
    given = dict(text.split("=", 1) for text in parameters)
    stacks = command.stacks_in(Path(template) if template else LAKEHOUSE, stack_name)
    if is_aws():
        from lakebox.deploy.aws import deploy_to_aws

        deploy_to_aws(stacks, given, delete=delete, confirmed=yes)
        return
    settings = read_settings(lake=lake)
    with open_clients(settings) as clients:
        if delete:
            command.delete(clients, stacks)
        elif template:
            command.deploy(clients, stacks, given)
        else:
            given = lakehouse_parameters(settings) | given
            command.deploy(clients, stacks, given)
            note_deployed(clients("glue"), given)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[--NAME VALUE]...")
@click.option("--shell", is_flag=True, help="The script is that of a Python shell job")
def check(file: str, arguments: tuple[str, ...], shell: bool) -> None:
    """Say what would not run on Glue 5.1 or 6.0, or here. FILE is a script, with its job's arguments, or a template."""
    from pathlib import Path

    from lakebox.check.command import print_findings

    if print_findings(Path(file), arguments, is_shell=shell):
        click.get_current_context().exit(1)


@click.command()
@LAKE
def queries(lake: str | None) -> None:
    """List Athena's queries, the newest first. State, time, bytes scanned, Athena's price, and the sum a workgroup."""
    from lakebox.commands.query_record import print_queries
    from lakebox.console import wide_console
    from lakebox.settings import read_settings
    from lakebox.targets import query_executions

    print_queries(query_executions(read_settings(lake=lake)), wide_console())


VERBS = (serve, env, job, runs, logs, queries, deploy, check)
