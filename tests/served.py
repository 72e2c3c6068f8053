"""`lakebox serve` as a process of its own, for tests."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3

from lakebox.endpoint.keys import keys_of


def glue_of(lake: Path, url: str) -> Any:
    """A client of Glue for a lake that is served there."""
    keys = keys_of(lake / ".lakebox")
    return boto3.client(
        "glue",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
    )


class Served:
    """`lakebox serve` on a free port, as a process."""

    def __init__(self, lake: Path) -> None:
        command = [sys.executable, "-m", "lakebox", "serve", "--lake", str(lake), "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split(" ")[3].rstrip(";")

    def end(self, how: int = signal.SIGTERM) -> int:
        """End it by a signal; its exit status."""
        self.process.send_signal(how)
        self.process.communicate(timeout=300)
        return self.process.returncode
