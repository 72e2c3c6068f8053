"""The metastore's methods that are about a client's session, and about functions, of which there are none."""

from typing import Any

from hive_metastore.ttypes import GetAllFunctionsResponse, NoSuchObjectException


class ClientSession:
    """Each public method is one of the thrift interface, under its name there."""

    def set_ugi(self, user: str) -> list[str]:
        """A client says who it is. It may do all in any case: it is this machine's same user (peers.py)."""
        return [user]

    def get_config_value(self, name: str, default: str) -> str:  # noqa: ARG002 the interface's
        """Settings of the server: it has none, so each has the client's default."""
        return default

    def get_all_functions(self) -> Any:
        """All permanent functions: none."""
        return GetAllFunctionsResponse(functions=[])

    def get_functions(self) -> list[str]:
        """Names of permanent functions: none."""
        return []

    def get_function(self, database: str, name: str) -> Any:
        """A permanent function: there is none of any name."""
        raise NoSuchObjectException(message=f"Function {database}.{name} does not exist")
