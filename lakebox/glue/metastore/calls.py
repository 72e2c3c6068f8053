"""One thrift message -> the method that it names -> the answer's message.

Does what the processor of the generated interface does, for the methods that lakebox has: every other one is answered
with a TApplicationException that names it, and an error of Glue with the exception that the method declares for it.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from hive_metastore import ThriftHiveMetastore
from hive_metastore.ttypes import (
    AlreadyExistsException,
    InvalidObjectException,
    InvalidOperationException,
    MetaException,
    NoSuchObjectException,
    UnknownDBException,
    UnknownTableException,
)
from thrift.Thrift import TApplicationException, TException, TMessageType, TType

from lakebox.endpoint.service import ServiceError

LOG = logging.getLogger(__name__)
Methods = Mapping[str, Callable[..., Any]]
# By Glue's error code: what to raise, the first of them that the called method declares.
_EXCEPTIONS = {
    "EntityNotFoundException": (
        NoSuchObjectException,
        UnknownDBException,
        UnknownTableException,
        InvalidObjectException,
        InvalidOperationException,
    ),
    "AlreadyExistsException": (AlreadyExistsException, InvalidOperationException),
    "InvalidInputException": (InvalidObjectException, InvalidOperationException),
}


def answer_call(methods: Methods, incoming: Any, outgoing: Any) -> None:
    """Read one call from a protocol, do it, write the answer to the other. Raises what the protocol raises.

    The interface has one method that expects no answer, `shutdown`, with which clients say goodbye: it does nothing.
    """
    name, kind, sequence = incoming.readMessageBegin()
    if name in methods:
        arguments = getattr(ThriftHiveMetastore, f"{name}_args")()
        arguments.read(incoming)
        incoming.readMessageEnd()
        answer = _answer(methods[name], name, [getattr(arguments, field[2]) for field in arguments.thrift_spec[1:]])
    else:
        incoming.skip(TType.STRUCT)
        incoming.readMessageEnd()
        message = f"{name} is not supported by lakebox's metastore; use the Glue API, or an SQL statement that it has"
        answer = TApplicationException(TApplicationException.UNKNOWN_METHOD, message)
    if kind == TMessageType.CALL:
        failed = isinstance(answer, TApplicationException)
        outgoing.writeMessageBegin(name, TMessageType.EXCEPTION if failed else TMessageType.REPLY, sequence)
        answer.write(outgoing)
        outgoing.writeMessageEnd()
        outgoing.trans.flush()


def _answer(method: Callable[..., Any], name: str, arguments: list[Any]) -> Any:
    """What to send: the method's result, with the exception that it declares in its place, or another exception."""
    result = getattr(ThriftHiveMetastore, f"{name}_result")()
    declared = {field[3][0]: field[2] for field in result.thrift_spec if field and field[0] > 0}
    try:
        result.success = method(*arguments)  # a method that returns nothing has no such field, and sends none
        return result
    except ServiceError as error:
        raised = _hive_exception(error, tuple(declared))
    except TException as error:
        raised = error
    except Exception:
        LOG.exception("metastore: %s failed", name)
        raised = MetaException(message=f"lakebox's metastore failed in {name}; its log says why")
    if type(raised) not in declared:
        return TApplicationException(TApplicationException.INTERNAL_ERROR, raised.message)
    setattr(result, declared[type(raised)], raised)
    return result


def _hive_exception(error: ServiceError, declared: tuple[type[Any], ...]) -> Any:
    """The exception of those that a method declares which says best what Glue said, with Glue's message."""
    for kind in (*_EXCEPTIONS.get(error.code, ()), MetaException):
        if kind in declared:
            return kind(message=error.message)
    return TApplicationException(TApplicationException.INTERNAL_ERROR, error.message)
