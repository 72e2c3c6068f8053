"""Athena's errors: of requests that it refuses, and of statements that failed (AthenaError)."""

from typing import Any

from lakebox.athena.service.statement import StatementError
from lakebox.endpoint.service import ServiceError

SYSTEM, USER = 1, 2
USER_ERROR, ENGINE_ERROR, SERVICE_ERROR, TIMED_OUT, NOT_WRITTEN = 1000, 200, 100, 206, 401
# Trino's name of an error -> Athena's ErrorType. Source: Athena's error catalog, and what Athena was seen to answer.
ERROR_TYPES = {
    "DIVISION_BY_ZERO": 1001,
    "TYPE_MISMATCH": 1002,
    "SYNTAX_ERROR": 1006,
    "COLUMN_NOT_FOUND": 1006,
    "CATALOG_NOT_FOUND": 1006,
    "INVALID_CAST_ARGUMENT": 1100,
    "NUMERIC_VALUE_OUT_OF_RANGE": 1100,
    "INVALID_PARAMETER_USAGE": 1100,
    "INVALID_FUNCTION_ARGUMENT": 1106,
    "TABLE_ALREADY_EXISTS": 1110,
    "NOT_SUPPORTED": 1200,
    "TABLE_NOT_FOUND": 1301,
    "SCHEMA_NOT_FOUND": 1301,
    "FUNCTION_NOT_FOUND": 1303,
}
ENGINE_ERRORS = ("GENERIC_INTERNAL_ERROR", "NO_NODES_AVAILABLE", "REMOTE_TASK_ERROR", "EXCEEDED_MEMORY_LIMIT")


def invalid(message: str, code: str = "INVALID_INPUT") -> ServiceError:
    """What Athena answers to a request that is wrong."""
    return ServiceError("InvalidRequestException", message, AthenaErrorCode=code)


def failed_status(error: StatementError) -> dict[str, Any]:
    """The part of a query's Status that says why its statement failed."""
    is_engine = error.name in ENGINE_ERRORS
    kind = ENGINE_ERROR if is_engine else ERROR_TYPES.get(error.name, USER_ERROR)
    reason = f"{error.name}: {error.message}" if error.name else error.message
    return _failed(SYSTEM if is_engine else USER, kind, reason, retryable=is_engine)


def system_status(reason: str, kind: int = SERVICE_ERROR) -> dict[str, Any]:
    """The part of a query's Status where it is lakebox that failed, or the query took too long."""
    return _failed(SYSTEM, kind, reason, retryable=True)


def _failed(category: int, kind: int, reason: str, *, retryable: bool) -> dict[str, Any]:
    error = {"ErrorCategory": category, "ErrorType": kind, "Retryable": retryable, "ErrorMessage": reason}
    return {"State": "FAILED", "StateChangeReason": reason, "AthenaError": error}
