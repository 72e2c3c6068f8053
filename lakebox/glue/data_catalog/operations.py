"""All operations of the Data Catalog, by name."""

from collections.abc import Mapping
from typing import Any

from lakebox.endpoint.service import Operation
from lakebox.glue.data_catalog.connections import Connections, tag_operations
from lakebox.glue.data_catalog.databases import Databases
from lakebox.glue.data_catalog.documents import Documents
from lakebox.glue.data_catalog.partitions import Partitions
from lakebox.glue.data_catalog.rows import CatalogRows
from lakebox.glue.data_catalog.tables import Tables


def catalog_operations(store: CatalogRows, documents: Documents) -> Mapping[str, Operation]:
    """The operations on databases, tables, partitions, connections and tags."""
    tables = Tables(store)
    return {
        **Databases(store, documents).operations(),
        **tables.operations(),
        **Partitions(store, tables).operations(),
        **Connections(documents).operations(),
        **tag_operations(documents),
        "GetDataCatalogEncryptionSettings": _not_encrypted,
        "GetPartitionIndexes": lambda _: {"PartitionIndexDescriptorList": []},
    }


def _not_encrypted(_: dict[str, Any]) -> dict[str, Any]:
    at_rest = {"EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"}}
    return {
        "DataCatalogEncryptionSettings": at_rest
        | {"ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": False}}
    }
