"""All operations of the Data Catalog, by name."""

from collections.abc import Mapping

from lakebox.endpoint.service import Operation
from lakebox.glue.data_catalog.connections import Connections, tag_operations
from lakebox.glue.data_catalog.databases import Databases
from lakebox.glue.data_catalog.documents import Documents
from lakebox.glue.data_catalog.encryption import Encryption
from lakebox.glue.data_catalog.partition_indexes import PartitionIndexes
from lakebox.glue.data_catalog.partitions import Partitions
from lakebox.glue.data_catalog.rows import CatalogRows
from lakebox.glue.data_catalog.tables import Tables


def catalog_operations(store: CatalogRows, documents: Documents) -> Mapping[str, Operation]:
    """The operations on databases, tables, partitions, connections, tags, indexes and encryption."""
    tables = Tables(store)
    return {
        **Databases(store, documents).operations(),
        **tables.operations(),
        **PartitionIndexes(documents, tables).operations(),
        **Partitions(store, tables).operations(),
        **Connections(documents).operations(),
        **tag_operations(documents),
        **Encryption(documents).operations(),
    }
