"""Many queries at once on `lakebox serve`: none lost, none stuck, and its memory does not grow with their number."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from athena_sandbox import AthenaSandbox
from served import Served
from sql_lake import SqlLake

from lakebox.endpoint.keys import keys_of

CLIENTS, WARM, MEASURED = 8, 32, 64
MOST_GROWTH_MB = 40


@pytest.mark.slow
def test_queries_by_eight_clients_all_end(tmp_path: Path) -> None:
    lake = SqlLake(tmp_path / "lake")
    lake.write("t/a.parquet", pa.table({"a": list(range(1000)), "b": [f"name {number}" for number in range(1000)]}))
    lake.table("t", {"a": "bigint", "b": "string"})
    served = Served(lake.folder)
    keys, context = keys_of(lake.folder / ".lakebox"), {"Database": "ai_lakehouse_db"}
    clients = [AthenaSandbox(lake.folder, served.url, keys, None) for _ in range(CLIENTS)]

    def ask(client: AthenaSandbox, numbers: range) -> list[Any]:
        texts = [f"SELECT count(*), max(b), {number} FROM t WHERE a <> {number}" for number in numbers]
        ids = [client.start(text, QueryExecutionContext=context) for text in texts]
        return [client.rows(client.wait(one))[1] for one in ids]

    def answers(count: int) -> list[Any]:
        with ThreadPoolExecutor(CLIENTS) as pool:
            found = pool.map(ask, clients, [range(number, count, CLIENTS) for number in range(CLIENTS)])
            return sorted((row for rows in found for row in rows), key=lambda row: int(row[2]))

    try:
        answers(WARM)
        before = memory_mb(served.process.pid)
        assert answers(MEASURED) == [["999", "name 999", str(number)] for number in range(MEASURED)]
        assert memory_mb(served.process.pid) - before < MOST_GROWTH_MB
    finally:
        assert served.end() == 0


def memory_mb(process: int) -> float:
    """Resident memory of a process."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS"))) / 1024
