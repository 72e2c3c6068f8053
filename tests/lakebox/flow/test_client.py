"""Following a run at an API that is away for a while: the run goes on, and is followed to its end."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from lakebox.flow import client
from lakebox.flow.client import Flow
from lakebox.flow.errors import FlowError

RUN = {"JobRun": {"JobRunState": "SUCCEEDED"}}


class FakeGlue:
    """Answers one thing after another; an error is raised."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def start_job_run(self, **_: Any) -> dict[str, str]:
        return {"JobRunId": "jr_1"}

    def get_job_run(self, **_: Any) -> Any:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def refused(status: int) -> ClientError:
    response: Any = {"Error": {"Code": "X", "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "GetJobRun")


def test_an_api_that_comes_back_is_asked_again() -> None:
    glue = FakeGlue(EndpointConnectionError(endpoint_url="http://api:4566"), refused(500), RUN)
    Flow(glue, 0.001).check_gate()
    assert glue.answers == []


def test_a_refusal_is_final() -> None:
    with pytest.raises(FlowError, match=r"can't be followed: .*no"):
        Flow(FakeGlue(refused(400), RUN), 0.001).check_gate()


def test_an_api_that_stays_away_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "AWAY_S", 0.0)
    away = [EndpointConnectionError(endpoint_url="http://api:4566")] * 99
    with pytest.raises(FlowError, match="lakebox runs tells how it goes on"):
        Flow(FakeGlue(*away), 0.001).check_gate()
