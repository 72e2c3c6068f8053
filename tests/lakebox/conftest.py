"""Fixtures of the command's own tests: an HTTP server on loopback that answers as a test says."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@pytest.fixture
def answer_with() -> Iterator[Callable[[int, str], str]]:
    """A function that says what the server answers from now on (status, body), and returns the server's URL."""
    said = {"status": 404, "body": ""}

    class Stub(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = str(said["body"]).encode()
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(int(said["status"]))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_DELETE = do_GET  # noqa: N815 http.server's names

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    def answer(status: int, body: str) -> str:
        said.update(status=status, body=body)
        return f"http://127.0.0.1:{server.server_port}"

    yield answer
    server.shutdown()
    server.server_close()
