"""Job runs in the stack's service `driver`, as the API starts them and waits for them."""

import http.client
import json
import threading
import time
from dataclasses import asdict
from typing import Any

from lakebox.endpoint.service import ServiceError
from lakebox.glue.jobs.driver.server import LONGEST_WAIT_S, PORT
from lakebox.glue.jobs.place import Script

TIMEOUT_S = 900.0  # preparing a run may install Python modules
PATIENCE_S = 60.0  # for a driver that is starting


class DriverClient:
    """A Host in another container."""

    def __init__(self, name: str, token: str) -> None:
        self._name, self._token = name, token

    def prepare(self, run_id: str, script: Script) -> None:
        """Fetch all that a run needs."""
        self.call("prepare", run_id=run_id, script=asdict(script))

    def start(self, run_id: str, job_name: str) -> "RemoteRun":
        """Start a prepared run."""
        self.call("start", run_id=run_id, job_name=job_name)
        return RemoteRun(self, run_id)

    def bookmark(self, job_name: str) -> str | None:
        """A job's bookmark."""
        kept: str | None = self.call("bookmark", job_name=job_name)
        return kept

    def forget_bookmark(self, job_name: str) -> None:
        """Delete a job's bookmark."""
        self.call("forget_bookmark", job_name=job_name)

    def end_all(self) -> None:
        """End the runs of an API that is no more."""
        self.call("end_all")

    def call(self, method: str, **arguments: Any) -> Any:
        """What the driver answers, once it is up. Raises ServiceError as the Host does, OSError where it is away."""
        deadline, pause = time.monotonic() + PATIENCE_S, threading.Event()
        while True:
            try:
                status, answer = self._asked(method, json.dumps(arguments))
                break
            except (OSError, http.client.HTTPException) as error:
                if time.monotonic() > deadline:
                    raise ConnectionError(f"the service driver does not answer ({error})") from None
                pause.wait(0.5)
        if status == 200:
            return answer
        if status == 409:
            raise ServiceError(answer["code"], answer["message"])
        raise OSError(answer["message"])

    def _asked(self, method: str, body: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(self._name, PORT, timeout=TIMEOUT_S)
        try:
            connection.request("POST", f"/call/{method}", body, {"Authorization": self._token})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


class RemoteRun:
    """A run at work in the driver."""

    def __init__(self, driver: DriverClient, run_id: str) -> None:
        self._driver, self._run_id = driver, run_id
        self._error: str | None = None

    def wait(self, seconds: float) -> int | None:
        """The exit status; None where it is still at work after so many seconds. Raises OSError where it is lost."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            answer = self._driver.call("wait", run_id=self._run_id, seconds=min(left, LONGEST_WAIT_S))
            if answer["status"] is not None:
                self._error = answer["error"]
                return int(answer["status"])
        return None

    def end(self) -> None:
        """End it with all that it has started."""
        self._driver.call("end", run_id=self._run_id)

    def error(self) -> str | None:
        """Why the script failed."""
        return self._error
