"""CREATE, DROP, ALTER and SHOW DATABASE (or SCHEMA)."""

import re

from lakebox.athena.engine import SqlError
from lakebox.athena.statements.answer import TASK_FAILED, Answer, Context
from lakebox.athena.statements.words import Words


def create_database(words: Words, context: Context) -> Answer:
    """CREATE DATABASE [IF NOT EXISTS] name [COMMENT …] [LOCATION …] [WITH DBPROPERTIES (…)]."""
    quiet = words.accept("IF", "NOT", "EXISTS")
    given: dict[str, object] = {"Name": words.name()}
    while words.peek() not in ("", ";"):
        if words.accept("COMMENT"):
            given["Description"] = words.string()
        elif words.accept("LOCATION"):
            given["LocationUri"] = words.string()
        else:
            words.expect("WITH", "DBPROPERTIES")
            given["Parameters"] = words.properties()
    words.end()
    if not (quiet and context.tables.has_database(str(given["Name"]))):
        context.call("CreateDatabase", DatabaseInput=given)
    return Answer()


def drop_database(words: Words, context: Context) -> Answer:
    """DROP DATABASE [IF EXISTS] name [RESTRICT | CASCADE]; one with tables needs CASCADE."""
    quiet = words.accept("IF", "EXISTS")
    name = words.name()
    cascade = words.accept("CASCADE")
    if not cascade:
        words.accept("RESTRICT")
    words.end()
    if quiet and not context.tables.has_database(name):
        return Answer()
    if not cascade and context.tables.has_database(name) and context.tables.tables(name.lower()):
        problem = f"InvalidOperationException(message:Database {name} is not empty. One or more tables exist.)"
        raise SqlError(
            f"{TASK_FAILED} {problem} Write DROP DATABASE {name} CASCADE to drop them, too", "SCHEMA_NOT_EMPTY"
        )
    context.call("DeleteDatabase", Name=name)
    return Answer()


def alter_database(words: Words, context: Context) -> Answer:
    """ALTER DATABASE name SET DBPROPERTIES (…)."""
    name = words.name()
    words.expect("SET", "DBPROPERTIES")
    properties = words.properties()
    words.end()
    found = context.call("GetDatabase", Name=name)["Database"]
    kept = {key: found[key] for key in ("Name", "Description", "LocationUri") if key in found}
    changed = kept | {"Parameters": found.get("Parameters", {}) | properties}
    context.call("UpdateDatabase", Name=name, DatabaseInput=changed)
    return Answer()


def show_databases(words: Words, context: Context) -> Answer:
    """SHOW DATABASES [LIKE 'pattern']."""
    pattern = words.string() if words.accept("LIKE") or words.peek().startswith("'") else None
    words.end()
    names = [name for name in context.tables.databases() if meets(name, pattern)]
    return Answer((("database_name", "string"),), [(name,) for name in names])


def meets(name: str, pattern: str | None) -> bool:
    """Whether a name meets a pattern of Hive's: `*` is any text, `|` divides choices."""
    if pattern is None:
        return True
    choices = [re.escape(choice.strip()).replace(r"\*", ".*") for choice in pattern.lower().split("|")]
    return any(re.fullmatch(choice, name) for choice in choices)
