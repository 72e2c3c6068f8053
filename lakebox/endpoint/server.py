"""The HTTP server of `lakebox serve`: one address on 127.0.0.1 for all services, told apart by the signature's scope.

Python's own http.server carries it: it starts at once, streams bodies of any size, and needs no other package. A thread
a connection is enough for the clients of one machine.
"""

import contextlib
import logging
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, BinaryIO, cast

from lakebox.endpoint.keys import Keys
from lakebox.endpoint.protocols import JSON, Protocol, protocol_of
from lakebox.endpoint.request import Answer, Request
from lakebox.endpoint.service import Service, ServiceError
from lakebox.endpoint.signature import check_signature, read_signature

LOG = logging.getLogger("lakebox.endpoint")
LARGEST_BODY = 64 << 20  # of a request that is no S3 object
S3Handler = Callable[[Request, Keys], Answer]


class Endpoint(ThreadingHTTPServer):
    """AWS's API on a port of 127.0.0.1 (0: any free one).

    services: by boto3's names; s3: checks and answers what is signed for S3; checked: answers are checked, too
    """

    address = "127.0.0.1"
    names: tuple[str, ...] = ("127.0.0.1", "localhost")  # by which clients may call it

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        services: Mapping[str, Service],
        keys: Keys,
        port: int = 0,
        *,
        s3: S3Handler | None = None,
        checked: bool = False,
    ) -> None:
        super().__init__((self.address, port), _Handler)
        self.services, self.keys, self.s3, self.checked = services, keys, s3, checked

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what went wrong with a connection, unless it is that its client has gone, as a run's does at its end."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        """Where it listens: the value of AWS_ENDPOINT_URL."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, request: Request, read_body: Callable[[], Request]) -> Answer:
        """The answer to a request; nothing is done, and no body is read, before there is a signature to check."""
        host = request.headers.get("host", "").rsplit(":", 1)[0]
        if host not in self.names and not host.endswith(".localhost"):
            return JSON.error(ServiceError("AccessDeniedException", f"{host!r} is not a name of this endpoint", 403))
        if self.s3 is not None and _is_for_s3(request):
            return self.s3(request, self.keys)
        protocol: Protocol = JSON
        try:
            signed = read_signature(request)
            protocol = protocol_of(signed.service)
            whole = read_body()
            check_signature(whole, signed, self.keys, datetime.now(UTC))
            service = self.services.get(signed.service)
            if service is None:
                raise ServiceError(
                    "NotImplementedException", f"lakebox does not have the service {signed.service}", 501
                )
        except ServiceError as error:
            return protocol.error(error)
        return protocol.answer(signed.service, service, whole, checked=self.checked)


def _is_for_s3(request: Request) -> bool:
    """Whether a request's signature, in its header or its query, is for S3; it is checked only after that."""
    in_query = "Signature=" in request.target
    return in_query or "/s3/aws4_request" in request.headers.get("authorization", "")


@contextlib.contextmanager
def running(endpoint: Endpoint) -> Iterator[str]:
    """Serve in a thread of this process for as long as the context lasts; yields the address."""
    thread = threading.Thread(target=endpoint.serve_forever, name="endpoint", kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield endpoint.url
    finally:
        endpoint.shutdown()
        thread.join()
        endpoint.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Reads one request from a connection and writes the answer, without waiting for more bytes to send (Nagle)."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "lakebox", ""
    disable_nagle_algorithm = True
    wbufsize = 64 << 10
    timeout = 300

    def _handle(self) -> None:
        endpoint = cast(Endpoint, self.server)
        headers = {name.lower(): value.strip() for name, value in self.headers.items()}
        length = headers.get("content-length", "0")
        if "transfer-encoding" in headers or not length.isdigit():
            self.close_connection = True
            self._send(JSON.error(ServiceError("MissingContentLength", "send the body with a Content-Length", 411)))
            return
        body = _Body(self.rfile, int(length))
        request = Request(self.command, self.path, headers, cast(BinaryIO, body), int(length))
        answer = endpoint.answer(request, lambda: _with_body(request))
        if body.left > LARGEST_BODY:
            self.close_connection = True
        else:
            body.drain()
        self._send(answer)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_OPTIONS = _handle  # noqa: N815 the names that http.server calls

    def handle_expect_100(self) -> bool:
        """Tell a client that waits for it to send its body; left in the buffer, it would wait for seconds."""
        said = super().handle_expect_100()
        self.wfile.flush()
        return said

    def _send(self, answer: Answer) -> None:
        length = len(answer.body) if isinstance(answer.body, bytes) else answer.length
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(length if answer.length is None else answer.length))
        self.end_headers()
        if isinstance(answer.body, bytes):
            self.wfile.write(b"" if self.command == "HEAD" else answer.body)
        else:
            with answer.body as stream:
                shutil.copyfileobj(stream, self.wfile, 1 << 20)
        self.wfile.flush()

    def log_message(self, format: str, *arguments: Any) -> None:
        LOG.debug(format, *arguments)


class _Body:
    """The body of a request as a stream that ends where the request does."""

    def __init__(self, stream: Any, length: int) -> None:
        self._stream, self.left = stream, length

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; all that is left where it is negative."""
        wanted = self.left if size < 0 else min(size, self.left)
        content: bytes = self._stream.read(wanted)
        if len(content) < wanted:
            raise ConnectionError("the client closed the connection before the end of its request")
        self.left -= len(content)
        return content

    def drain(self) -> None:
        """Read what nobody asked for, so that the next request on the connection starts where it should."""
        while self.left:
            self.read(1 << 20)


def _with_body(request: Request) -> Request:
    if request.length > LARGEST_BODY:
        raise ServiceError("RequestEntityTooLarge", f"a request has at most {LARGEST_BODY} bytes", 413)
    return Request(
        request.method, request.target, request.headers, request.stream, request.length, request.stream.read()
    )
