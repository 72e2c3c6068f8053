"""The `lakebox` command as a user runs it: in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

LAKEBOX = [sys.executable, "-m", "lakebox"]


def lakebox(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a verb to its end."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("LAKEBOX_")} | environment
    return subprocess.run([*LAKEBOX, *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False)
