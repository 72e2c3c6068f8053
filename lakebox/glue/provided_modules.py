"""Python modules that Glue's workers have: a run whose script imports one that is not here gets it by pip.

Source: AWS Glue, "Python modules already provided in AWS Glue", "Python shell supported libraries".
"""

import ast
import importlib.util
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

BOTH = {"requests": "requests", "s3fs": "s3fs"}
SPARK = BOTH | {
    "PIL": "pillow",
    "aiohttp": "aiohttp",
    "fsspec": "fsspec",
    "matplotlib": "matplotlib",
    "orjson": "orjson",
    "plotly": "plotly",
    "seaborn": "seaborn",
    "simplejson": "simplejson",
    "tenacity": "tenacity",
}
SHELL = BOTH | {  # of the set `analytics`, which Python shell jobs have unless --library-set is none
    "avro": "avro",
    "awswrangler": "awswrangler",
    "elasticsearch": "elasticsearch",
    "psycopg2": "psycopg2-binary",
    "pyathena": "PyAthena",
    "pymysql": "PyMySQL",
    "pyodbc": "pyodbc",
    "redshift_connector": "redshift-connector",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "sqlalchemy": "SQLAlchemy",
}


def missing_packages(script: Path, argv: Sequence[str], *, spark: bool) -> tuple[str, ...]:
    """The packages of the modules that a script imports, that Glue has and this Python has not.

    Imports below `try:` are left out: the script can do without them. A script that can't be parsed has none.
    """
    if not spark and ("--library-set", "none") in pairwise(argv):
        return ()
    try:
        tree = ast.parse(script.read_bytes())
    except (SyntaxError, ValueError):
        return ()
    given = SPARK if spark else SHELL
    modules = {name.split(".")[0] for name in _imported(tree)} & given.keys()
    return tuple(given[name] for name in sorted(modules) if importlib.util.find_spec(name) is None)


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and not node.level:
        yield str(node.module)
    elif not isinstance(node, ast.Try):
        for child in ast.iter_child_nodes(node):
            yield from _imported(child)
