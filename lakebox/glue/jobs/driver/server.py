"""The stack's service `driver`, where job scripts run: a Host over HTTP, for the API alone.

Scripts are strangers: they share this container with each other, not with the API, whose secrets are not here. The API
proves itself by a token. Requests and answers are JSON: POST /call/METHOD with that method's arguments.
"""

import hmac
import json
import logging
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from lakebox.endpoint.service import ServiceError
from lakebox.glue.jobs.arguments import Special
from lakebox.glue.jobs.host import Host, Running
from lakebox.glue.jobs.place import Script

LOG = logging.getLogger("lakebox.driver")
PORT = 4567
LARGEST_REQUEST = 4 << 20
LONGEST_WAIT_S = 20.0
UNKNOWN = "the driver was started anew during it"


class Driver(ThreadingHTTPServer):
    """Answers the API's calls to a host."""

    daemon_threads = True

    def __init__(self, host: Host, token: str, address: tuple[str, int]) -> None:
        super().__init__(address, _Handler)
        self.token = token
        self._host = host
        self._working: dict[str, Running] = {}
        self._lock = threading.Lock()

    def calls(self) -> Mapping[str, Callable[..., Any]]:
        """What the API may ask for."""
        return {
            "prepare": lambda run_id, script: self._host.prepare(run_id, script_of(script)),
            "start": self._start,
            "wait": self._wait,
            "end": self._end,
            "end_all": self._end_all,
            "bookmark": self._host.bookmark,
            "forget_bookmark": self._host.forget_bookmark,
        }

    def _start(self, run_id: str, job_name: str) -> None:
        with self._lock:
            if run_id not in self._working:  # a call whose answer was lost is made again
                self._working[run_id] = self._host.start(run_id, job_name)

    def _wait(self, run_id: str, seconds: float) -> dict[str, Any]:
        running = self._running(run_id)
        status = running.wait(min(seconds, LONGEST_WAIT_S))
        return {"status": status, "error": None if status is None else running.error()}

    def _end(self, run_id: str) -> None:
        self._running(run_id).end()

    def _end_all(self) -> None:
        with self._lock:
            working = list(self._working.values())
            self._working.clear()
        for running in working:
            running.end()

    def _running(self, run_id: str) -> Running:
        try:
            return self._working[run_id]
        except KeyError:
            raise ProcessLookupError(UNKNOWN) from None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "lakebox", ""
    timeout = 60

    def do_POST(self) -> None:
        driver = cast(Driver, self.server)
        length = int(self.headers.get("Content-Length", "0"))
        if not hmac.compare_digest(self.headers.get("Authorization", ""), driver.token) or length > LARGEST_REQUEST:
            self.close_connection = True
            self._answer(403, {"message": "this is for lakebox's API alone"})
            return
        arguments = json.loads(self.rfile.read(length))
        call = driver.calls().get(self.path.removeprefix("/call/"))
        if call is None:
            self._answer(404, {"message": self.path})
            return
        try:
            self._answer(200, call(**arguments))
        except ServiceError as error:
            self._answer(409, {"code": error.code, "message": error.message})
        except OSError as error:
            self._answer(410, {"message": str(error)})

    def _answer(self, status: int, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        LOG.debug(format, *arguments)


def script_of(members: dict[str, Any]) -> Script:
    """A script from its JSON form."""
    return Script(**members | {"special": Special(**members["special"])})
