"""A query's names bound to the catalog: each table gets a name of its own in DuckDB, a view becomes its query."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from lakebox.athena.dialect.syntax import parsed
from lakebox.athena.dialect.table_names import named_tables, place, replace_table
from lakebox.athena.engine import SqlError
from lakebox.athena.tables.catalog_tables import CATALOGS, CatalogTable, CatalogTables, Columns
from lakebox.athena.tables.hive_types import FILE_COLUMNS, sql_type
from lakebox.athena.tables.metadata_tables import INFORMATION, INFORMATION_SCHEMA
from lakebox.athena.tables.views import stored_view

if TYPE_CHECKING:
    from lakebox.athena.tables.iceberg.scan import IcebergScan

MOST_VIEWS = 32  # views within views


@dataclass(frozen=True)
class Source:
    """What stands behind a name in DuckDB: a table with the columns that can be named, or a table of its metadata.

    part: "" for the table's rows, or the word after `$`: partitions, snapshots, …
    iceberg: the state of an Iceberg table that is read
    """

    table: CatalogTable
    columns: Columns
    part: str = ""
    iceberg: "IcebergScan | None" = None


@dataclass
class Bound:
    """A query over names of DuckDB's, and what stands behind each."""

    tree: exp.Query
    sources: dict[str, Source] = field(default_factory=dict)

    def schema(self) -> dict[str, dict[str, exp.DataType]]:
        """The columns of each name, as the dialect takes them."""
        return {
            name: {column: sql_type(kind) for column, kind in source.columns.items()}
            for name, source in self.sources.items()
        }


class Binder:
    """Binds queries to a catalog."""

    def __init__(self, tables: CatalogTables) -> None:
        self._tables = tables

    def bind(self, sql: str, database: str) -> Bound:
        """A query in Athena's SQL, bound. Raises SqlError on names that the catalog does not have."""
        return self.bind_tree(parsed(sql), sql, database)

    def bind_tree(self, tree: exp.Query, sql: str, database: str, depth: int = 0) -> Bound:
        """A tree, bound. sql: its text, for the places of errors; depth: the number of views around it."""
        if depth > MOST_VIEWS:
            raise SqlError("the views that the query names need each other in a circle, or too deeply", "INVALID_VIEW")
        bound = Bound(tree)
        files = {name.name.lower() for name in tree.find_all(exp.Identifier) if name.name.startswith("$")}
        pseudo = {name: kind for name, kind in FILE_COLUMNS.items() if name in files}
        for node in tree.find_all(exp.Table):
            if not isinstance(node.this, exp.Identifier):
                text = node.sql(dialect="athena")
                raise SqlError(f"{text} is no table; FROM takes a table of the catalog", "NOT_SUPPORTED")
        named = named_tables(tree)
        _strip_qualified_columns(tree, named)
        for node in named:
            found = self._found(node, sql, database)
            if isinstance(found, Source):
                own = pseudo if not found.part and not found.table.is_iceberg else {}
                source = Source(found.table, {**found.columns, **own}, found.part, found.iceberg)
                name = _free_name(f"{found.table}{'$' if found.part else ''}{found.part}", bound)
                bound.sources[name] = source
                replace_table(node, exp.Table(this=exp.to_identifier(name, quoted=True)))
                continue
            view = stored_view(found)
            inner = self.bind_tree(parsed(view.sql), view.sql, view.database, depth + 1)
            for name, source in inner.sources.items():
                new = _free_name(name, bound)
                _rename(inner.tree, name, new)
                bound.sources[new] = source
            _with_lower_names(inner.tree)
            replace_table(node, exp.Subquery(this=inner.tree))
        return bound

    def _found(self, node: exp.Table, sql: str, database: str) -> "Source | CatalogTable":
        """The table, or the view, that a name means."""
        catalog, schema = node.catalog.lower(), (node.db or database).lower()
        name, _, part = node.name.lower().partition("$")
        if catalog not in CATALOGS:
            at = place(sql, node.args["catalog"])
            raise SqlError(f"{at}Catalog '{node.catalog}' does not exist; there is awsdatacatalog", "CATALOG_NOT_FOUND")
        if schema == INFORMATION_SCHEMA and name in INFORMATION:
            return Source(CatalogTable(schema, name, {}), INFORMATION[name][0], "rows")
        table = self._tables.table(schema, name)
        if table is None:
            raise self._missing(node, sql, schema)
        if table.is_view:
            return table
        version = node.args.get("version")
        if version is not None and not table.is_iceberg:
            problem = f"{table} is no Iceberg table: FOR {version.name} AS OF reads the past of those only"
            raise SqlError(f"{place(sql, node.this)}{problem}", "NOT_SUPPORTED")
        if table.is_iceberg:
            if _names_file_columns(node):
                problem = f'{place(sql, node.this)}"$path" of the Iceberg table {table} is not supported'
                raise SqlError(f"{problem} by the embedded engine; run the query on the stack", "NOT_SUPPORTED")
            return self._iceberg(table, part, version)
        return Source(table, part_columns(table, part) if part else {**table.columns, **table.keys}, part)

    def _iceberg(self, table: CatalogTable, part: str, version: exp.Expr | None) -> Source:
        from lakebox.athena.tables.iceberg.metadata import metadata_columns
        from lakebox.athena.tables.iceberg.scan import open_iceberg

        scan = open_iceberg(self._tables, table, version)
        return Source(table, metadata_columns(table, part, scan) if part else scan.columns, part, scan)

    def _missing(self, node: exp.Table, sql: str, schema: str) -> SqlError:
        if not self._tables.has_database(schema):
            at = place(sql, node.args.get("db") or node.this)
            return SqlError(f"{at}Schema '{schema}' does not exist; there are: {_some(self._tables.databases())}",
                            "SCHEMA_NOT_FOUND")  # fmt: skip
        known = [table.name for table in self._tables.tables(schema)]
        shown = f"; tables: {_some(known)}" if known else "; it has no tables yet"
        problem = f"Table 'awsdatacatalog.{schema}.{node.name.lower()}' does not exist{shown}"
        return SqlError(f"{place(sql, node.this)}{problem}", "TABLE_NOT_FOUND")


def part_columns(table: CatalogTable, part: str) -> Columns:
    """The columns of a table's metadata. Raises SqlError on metadata that the embedded engine does not show."""
    if part == "partitions" and table.keys:
        return table.keys
    problem = f'"{table.name}${part}" is not supported by the embedded engine for this table'
    raise SqlError(f'{problem}; partitioned tables have "{table.name}$partitions"', "NOT_SUPPORTED")


def _names_file_columns(node: exp.Expr) -> bool:
    select = node.find_ancestor(exp.Select)
    return select is not None and any(column.name.lower() in FILE_COLUMNS for column in select.find_all(exp.Column))


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:12]) + (", …" if len(names) > 12 else "")


def _free_name(name: str, bound: Bound) -> str:
    """A name that no other reference has: each reads only what it needs itself."""
    if name not in bound.sources:
        return name
    return next(new for number in range(2, 100_000) if (new := f"{name} {number}") not in bound.sources)


def _rename(tree: exp.Expr, old: str, new: str) -> None:
    for table in tree.find_all(exp.Table) if old != new else ():
        if table.name == old:
            table.set("this", exp.to_identifier(new, quoted=True))


def _with_lower_names(view: exp.Expr) -> None:
    """A view's columns are in lower case, whatever its query writes."""
    names = [alias.args["alias"] for alias in view.find_all(exp.Alias)]
    for name in [*names, *(column for alias in view.find_all(exp.TableAlias) for column in alias.columns)]:
        name.set("this", name.name.lower())


def _strip_qualified_columns(tree: exp.Expr, named: Sequence[exp.Table]) -> None:
    """`sales.orders.id` is `orders.id` where the query has a table `sales.orders`."""
    known = {(table.db.lower(), table.name.lower()) for table in named if table.db and not table.alias}
    for column in tree.find_all(exp.Column) if known else ():
        if (column.db.lower(), column.table.lower()) in known:
            column.set("db", None)
            column.set("catalog", None)


def conjuncts(tree: exp.Expr, name: str) -> Iterator[exp.Expr]:
    """Conditions that all rows of a source must meet where it stands in the query: of its WHERE, and of inner joins."""
    for table in tree.find_all(exp.Table):
        if table.name != name:
            continue
        select = table.find_ancestor(exp.Select)
        if select is None or table.find_ancestor(exp.From, exp.Join) is None:
            continue
        joins = select.args.get("joins") or ()
        own = table.parent
        if not any(own is part for part in (select.args.get("from_"), *joins)):
            continue
        if any(join.side.upper() in ("RIGHT", "FULL") for join in joins):
            continue
        is_outer = isinstance(own, exp.Join) and own.side.upper() == "LEFT"
        where = select.args.get("where")
        conditions = [] if where is None or is_outer else [where.this]
        conditions += [join.args["on"] for join in joins if join.args.get("on") and not join.side]
        if isinstance(own, exp.Join) and is_outer:
            conditions = [own.args["on"]] if own.args.get("on") else []
        alias = table.alias_or_name.lower()
        for condition in conditions:
            for part in condition.flatten() if isinstance(condition, exp.And) else [condition]:
                part = part.unnest()
                columns = list(part.find_all(exp.Column))
                if columns and all(column.table.lower() == alias for column in columns) and not part.find(exp.Query):
                    yield part


def column_names(tree: exp.Expr) -> set[str]:
    """The names of all columns that a query can need, in lower case."""
    return {column.name.lower() for column in tree.find_all(exp.Column)}


def values_named(conditions: Sequence[exp.Expr], column: str) -> list[str] | None:
    """The texts that a column is compared with by = or IN; None where no condition does so."""
    found: list[set[str]] = []
    for condition in conditions:
        if isinstance(condition, exp.EQ):
            sides: list[Any] = [condition.this, condition.expression]
        elif isinstance(condition, exp.In) and condition.expressions:
            sides = [condition.this, *condition.expressions]
        else:
            continue
        keys = [side for side in sides if isinstance(side, exp.Column) and side.name.lower() == column]
        texts = {side.name for side in sides if isinstance(side, exp.Literal)}
        if len(keys) == 1 and len(texts) >= 1 and len(sides) == 1 + sum(isinstance(s, exp.Literal) for s in sides):
            found.append(texts)
    return sorted(set.intersection(*found)) if found else None
