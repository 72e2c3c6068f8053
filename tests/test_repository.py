"""What is in the repository, file by file: no key, no token, no credentials."""

import re
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
# A key is a header with base64 below it; AWS's own documentation has AKIAIOSFODNN7EXAMPLE and its like.
SECRETS = {
    "a private key": re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{32}"),
    "an AWS access key": re.compile(rb"\b(?:AKIA|ASIA)(?![A-Z0-9]*EXAMPLE)[A-Z0-9]{16}\b"),
    "an AWS secret key": re.compile(
        rb"aws_secret_access_key\s*=\s*[\"']?(?![A-Za-z0-9/+]*EXAMPLE)[A-Za-z0-9/+]{40}\b", re.I
    ),
    "a token": re.compile(
        rb"\b(?:gh[pousr]_[A-Za-z0-9]{36}|xox[abp]-[A-Za-z0-9-]{20,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.)"
    ),
}


def committed_files() -> list[Path]:
    """Files that git knows, or would with `git add .`."""
    git = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(git, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split("\0") if name and (path := REPOSITORY / name).is_file()]


def test_no_file_holds_a_secret() -> None:
    files = committed_files()
    assert len(files) > 100
    contents = {path: path.read_bytes() for path in files}
    found = {(kind, path.name) for kind, pattern in SECRETS.items() for path in files if pattern.search(contents[path])}
    assert found == set()


def test_the_patterns_find_what_they_look_for() -> None:
    planted = {
        "a private key": b"-----BEGIN " + b"RSA PRIVATE KEY-----\n" + b"A" * 64,
        "an AWS access key": b"AKIA" + b"Q" * 16,
        "an AWS secret key": b"aws_secret_access_key = " + b"a" * 40,
        "a token": b"ghp_" + b"a" * 36,
    }
    assert {kind for kind, text in planted.items() if SECRETS[kind].search(text)} == set(SECRETS)
