"""The database ai_lakehouse_db in the metastore, as CloudFormation makes it on AWS, and the table that Trino's health
check reads. Waits for Trino, makes what is missing, ends when a query over the metastore and S3 works. Safe to repeat.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from typing import Any

TRINO = os.environ["LAKEBOX_TRINO_URL"]
LAKE = f"s3://{os.environ['LAKEBOX_LAKE_BUCKET']}"
STATEMENTS = (
    f"CREATE SCHEMA IF NOT EXISTS awsdatacatalog.ai_lakehouse_db WITH (location = '{LAKE}/')",
    "CREATE TABLE IF NOT EXISTS awsdatacatalog.default.lakebox_ready (state varchar) "
    f"WITH (format = 'CSV', external_location = '{LAKE}/_state/ready')",
    "SELECT state FROM awsdatacatalog.default.lakebox_ready",
)


class NotReadyError(Exception):
    """Trino, or what it needs, doesn't answer yet."""


def main() -> None:
    deadline = time.monotonic() + float(os.environ.get("LAKEBOX_WAIT_S", "120"))
    for statement in STATEMENTS:
        while True:
            try:
                run(statement)
                break
            except NotReadyError as error:
                if time.monotonic() > deadline:
                    sys.exit(f"catalog: {error}; are the services trino and metastore up?")
                time.sleep(0.5)
    print(f"catalog: ai_lakehouse_db is at {LAKE}/")


def run(statement: str) -> None:
    """Run one statement to its end; raises NotReadyError where it failed."""
    answer = call(f"{TRINO}/v1/statement", statement.encode())
    while "nextUri" in answer:
        answer = call(answer["nextUri"])
    if "error" in answer:
        raise NotReadyError(f"Trino: {answer['error']['message']}")


def call(url: str, body: bytes | None = None) -> dict[str, Any]:
    """Trino's answer to one request."""
    request = urllib.request.Request(url, data=body, headers={"X-Trino-User": "lakebox"})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            answer: dict[str, Any] = json.load(response)
            return answer
    except (urllib.error.URLError, OSError) as error:
        raise NotReadyError(f"{TRINO}: {error}") from error


if __name__ == "__main__":
    main()
