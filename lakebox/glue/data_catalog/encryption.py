"""Encryption as projects define it: security configurations, and the catalog's settings. Nothing is encrypted here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lakebox.endpoint.service import Operation, page_of
from lakebox.glue.data_catalog.documents import Document, Documents
from lakebox.glue.data_catalog.names import missing, taken

CONFIGURATION, SETTINGS = "security-configuration", "encryption-settings"
NOT_ENCRYPTED = {
    "EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"},
    "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": False},
}


class Encryption:
    """The operations on security configurations and on the catalog's encryption settings; they are kept and told."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "CreateSecurityConfiguration": self.create,
            "GetSecurityConfiguration": lambda request: {"SecurityConfiguration": self._named(request["Name"])},
            "GetSecurityConfigurations": lambda request: page_of(
                self._documents.all(CONFIGURATION), request, "SecurityConfigurations"
            ),
            "DeleteSecurityConfiguration": self.delete,
            "PutDataCatalogEncryptionSettings": self.put_settings,
            "GetDataCatalogEncryptionSettings": self.get_settings,
        }

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateSecurityConfiguration."""
        name, now = request["Name"], datetime.now(UTC)
        if not self._documents.add(CONFIGURATION, name, request | {"CreatedTimeStamp": now}):
            raise taken("SecurityConfiguration", name)
        return {"Name": name, "CreatedTimestamp": now}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteSecurityConfiguration."""
        self._named(request["Name"])
        self._documents.delete(CONFIGURATION, request["Name"])
        return {}

    def put_settings(self, request: dict[str, Any]) -> dict[str, Any]:
        """PutDataCatalogEncryptionSettings."""
        self._documents.put(SETTINGS, SETTINGS, request["DataCatalogEncryptionSettings"])
        return {}

    def get_settings(self, _: dict[str, Any]) -> dict[str, Any]:
        """GetDataCatalogEncryptionSettings."""
        return {"DataCatalogEncryptionSettings": NOT_ENCRYPTED | (self._documents.get(SETTINGS, SETTINGS) or {})}

    def _named(self, name: str) -> Document:
        found = self._documents.get(CONFIGURATION, name)
        if found is None:
            raise missing("SecurityConfiguration", name)
        return found
