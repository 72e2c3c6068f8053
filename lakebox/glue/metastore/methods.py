"""The methods of the metastore's thrift interface that lakebox answers, by name: what Spark and Iceberg call."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from lakebox.endpoint.service import Operation
from lakebox.glue.metastore.calls import Methods
from lakebox.glue.metastore.client_session import ClientSession
from lakebox.glue.metastore.databases import Databases
from lakebox.glue.metastore.folders import Folders
from lakebox.glue.metastore.locks import Locks
from lakebox.glue.metastore.partition_changes import PartitionChanges
from lakebox.glue.metastore.partition_reads import PartitionReads
from lakebox.glue.metastore.shapes.glue_catalog import GlueCatalog
from lakebox.glue.metastore.tables import Tables

# Methods that do as another one, but have further arguments at their end (who asks, a context).
_VARIANTS = {
    "get_partition_with_auth": "get_partition",
    "get_partitions_with_auth": "get_partitions",
    "get_partitions_ps_with_auth": "get_partitions_ps",
    **{
        f"{name}_with_environment_context": name
        for name in (
            *("create_table", "alter_table", "drop_table"),
            *("add_partition", "alter_partition", "alter_partitions", "drop_partition"),
        )
    },
}


def metastore_methods(operations: Mapping[str, Operation], folders: Folders) -> Methods:
    """Methods over Glue's operations; see `running_metastore` for the arguments."""
    glue = GlueCatalog(operations)
    databases = Databases(glue)
    tables, partitions = Tables(glue, folders, databases), (PartitionReads(glue), PartitionChanges(glue, folders))
    handlers = (databases, tables, *partitions, Locks(), ClientSession())
    methods = {name: getattr(one, name) for one in handlers for name in dir(one) if not name.startswith("_")}
    methods |= {name: methods[other] for name, other in _VARIANTS.items()}
    return {name: _without_further_arguments(method) for name, method in methods.items()}


def _without_further_arguments(method: Callable[..., Any]) -> Callable[..., Any]:
    """Call a method with those arguments of the interface that it takes."""
    taken = len(inspect.signature(method).parameters)
    return lambda *arguments: method(*arguments[:taken])
