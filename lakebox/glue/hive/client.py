"""Calls to Hive Metastore by thrift, a connection a thread, opened anew where the metastore was started anew."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from hive_metastore import ThriftHiveMetastore
from hive_metastore.ttypes import (
    InvalidInputException,
    InvalidObjectException,
    InvalidOperationException,
    MetaException,
)
from thrift.protocol.TBinaryProtocol import TBinaryProtocolAccelerated
from thrift.transport.TSocket import TSocket
from thrift.transport.TTransport import TBufferedTransport, TTransportException

from lakebox.endpoint.service import ServiceError

TIMEOUT_MS = 120_000
REFUSALS = (MetaException, InvalidInputException, InvalidObjectException, InvalidOperationException)
Result = TypeVar("Result")


class MetastoreClient:
    """A metastore at thrift://host:port."""

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        self._host, self._port = parts.hostname, parts.port
        self._threads = threading.local()

    def call(self, ask: Callable[[Any], Result]) -> Result:
        """What a call answers.

        Raises NoSuchObjectException and AlreadyExistsException as the metastore does, ServiceError on what it refuses
        otherwise, or where it doesn't answer.
        """
        fresh = not hasattr(self._threads, "client")
        try:
            return ask(self._client())
        except REFUSALS as error:
            raise ServiceError("InvalidInputException", f"the metastore refuses it: {error.message}") from None
        except (TTransportException, OSError) as error:
            self._hang_up()
            if fresh:  # the connection was new: the metastore is away
                text = f"the metastore does not answer ({error}); try again, or look at `lakebox status`"
                raise ServiceError("InternalServiceException", text, 500) from None
            return self.call(ask)

    def _client(self) -> Any:
        if not hasattr(self._threads, "client"):
            socket = TSocket(self._host, self._port)
            socket.setTimeout(TIMEOUT_MS)
            transport = TBufferedTransport(socket)
            transport.open()
            self._threads.transport = transport
            self._threads.client = ThriftHiveMetastore.Client(TBinaryProtocolAccelerated(transport))
        return self._threads.client

    def _hang_up(self) -> None:
        if hasattr(self._threads, "client"):
            self._threads.transport.close()
            del self._threads.client, self._threads.transport
