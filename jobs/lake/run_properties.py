"""The workflow run that a job is part of, by Glue's run properties: they are arguments, and take what the job did.

Who starts the workflow `medallion` names raw_uri, training_date and the like once, as StartWorkflowRun's RunProperties.
Each job puts its outcome there, as JSON under its job's name, for whoever follows the run: so clients read it on every
target, and no log.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from jobs.lake.errors import LakeboxError

STARTING_SPARK = "starting Spark"


class RunPropertiesError(LakeboxError):
    """The workflow run's properties can't be read or written."""


@dataclass(frozen=True)
class Outcome:
    """What a job did: rows read and written, the newest event_timestamp it knows (ISO), and a line for the user."""

    rows_in: int
    rows_out: int
    max_event_timestamp: str | None
    summary: str
    skipped: bool = False


@dataclass(frozen=True)
class WorkflowRun:
    """A run of a workflow, as one of its jobs sees it."""

    workflow: str
    run_id: str
    job_name: str

    def properties(self) -> Mapping[str, str]:
        """The run's properties. Raises RunPropertiesError."""
        try:
            answer = glue_client().get_workflow_run_properties(Name=self.workflow, RunId=self.run_id)
        except (BotoCoreError, ClientError) as error:
            text = f"the properties of workflow run {self.run_id} can't be read ({error})"
            raise RunPropertiesError(f"{text}; may the job's role call glue:GetWorkflowRunProperties?") from error
        found: Mapping[str, str] = answer["RunProperties"]
        return found

    def put(self, said: Mapping[str, Any]) -> None:
        """Tell who follows the run what the job does or did. Raises RunPropertiesError."""
        given = {self.job_name: json.dumps(said, ensure_ascii=False)}
        try:
            glue_client().put_workflow_run_properties(Name=self.workflow, RunId=self.run_id, RunProperties=given)
        except (BotoCoreError, ClientError) as error:
            text = f"workflow run {self.run_id} can't be told what the job did ({error})"
            raise RunPropertiesError(f"{text}; may the job's role call glue:PutWorkflowRunProperties?") from error

    def put_outcome(self, job: str, outcome: Outcome) -> None:
        """Tell what a job did; job: as the record of runs calls it. Raises RunPropertiesError."""
        self.put({"job": job, **asdict(outcome)})


@cache
def glue_client() -> Any:
    """This process's client of Glue: it takes a quarter of a second to make."""
    return boto3.client("glue")
