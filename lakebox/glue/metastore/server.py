"""The Glue Data Catalog on a port of loopback, in the protocol of Hive's metastore (thrift), a thread a connection.

`with running_metastore(operations, folders) as uri:` serves until the block ends; `uri` is Spark's hive.metastore.uris.
Strangers' bytes do nothing: a message must begin as one of thrift's strict binary protocol does (no web page can make
a browser send that), has a limited size, and whoever sends anything else is cut off. peers.py says who may connect.
"""

import contextlib
import logging
import socket
import socketserver
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from thrift.protocol.TBinaryProtocol import TBinaryProtocolAccelerated
from thrift.protocol.TProtocol import TProtocolException
from thrift.transport.TTransport import TBufferedTransport, TTransportException

from lakebox.endpoint.service import Operation
from lakebox.glue.metastore.calls import Methods, answer_call
from lakebox.glue.metastore.folders import Folders
from lakebox.glue.metastore.methods import metastore_methods
from lakebox.glue.metastore.peers import is_own_user

LOG = logging.getLogger(__name__)
MESSAGE_BYTES = 32 * 1024 * 1024  # ten thousand partitions with their columns, sent at once, are about 10 MB
TEXT_BYTES = 8 * 1024 * 1024
LIST_LENGTH = 100_000
CONNECTIONS = 200


@contextlib.contextmanager
def running_metastore(operations: Mapping[str, Operation], folders: Folders) -> Iterator[str]:
    """Serve Glue's operations as a metastore on 127.0.0.1; gives its URI, `thrift://127.0.0.1:<port>`.

    folders: deletes and moves managed tables' data
    """
    with _Server(("127.0.0.1", 0), metastore_methods(operations, folders)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True, name="metastore")
        thread.start()
        try:
            yield f"thrift://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
            server.cut_off()


class _Server(socketserver.ThreadingTCPServer):
    """Takes connections of this process's user, CONNECTIONS at a time."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], methods: Methods) -> None:
        self.methods = methods
        self._open: set[socket.socket] = set()
        super().__init__(address, _Connection)

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002 socketserver's
        """Whether a connection is let in."""
        if len(self._open) >= CONNECTIONS or not is_own_user(request):
            return False
        self._open.add(request)
        return True

    def shutdown_request(self, request: Any) -> None:
        """Close a connection that has ended."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 socketserver's
        """Note down what ended a connection unforeseen; the others go on."""
        LOG.exception("metastore: a connection was cut off")

    def cut_off(self) -> None:
        """End the connections that are open, and with them their threads."""
        for connection in tuple(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Connection(socketserver.BaseRequestHandler):
    """Answers one call after the other, until the client leaves or sends what is no call."""

    server: _Server

    def handle(self) -> None:
        """Serve the connection to its end."""
        stream = _Stream(self.request)
        protocol = TBinaryProtocolAccelerated(
            TBufferedTransport(stream, 65536),
            strictRead=True,
            string_length_limit=TEXT_BYTES,
            container_length_limit=LIST_LENGTH,
        )
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(TTransportException, TProtocolException, EOFError, OSError, UnicodeDecodeError):
            while True:
                stream.begin_message()
                answer_call(self.server.methods, protocol, protocol)


class _Stream:
    """A socket as thrift's buffer wants it, that gives no more than MESSAGE_BYTES for one message."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._left = 0

    def begin_message(self) -> None:
        self._left = MESSAGE_BYTES

    def read(self, size: int) -> bytes:
        if size > self._left:
            raise TTransportException(TTransportException.SIZE_LIMIT, f"a message has over {MESSAGE_BYTES} bytes")
        received = self._connection.recv(size)
        self._left -= len(received)
        return received

    def readAll(self, size: int) -> bytes:  # noqa: N802 thrift's name
        received = bytearray()
        while len(received) < size:
            chunk = self.read(min(size - len(received), 65536))
            if not chunk:
                raise EOFError
            received += chunk
        return bytes(received)

    def write(self, content: bytes) -> None:
        self._connection.sendall(content)

    def flush(self) -> None:
        """Nothing is kept back."""
