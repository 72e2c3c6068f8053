"""The keys that sign requests: made at random once, kept in the lake for its owner alone."""

import contextlib
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Keys:
    """An access key and its secret, in AWS's own form."""

    access_key: str
    secret_key: str


def keys_of(folder: Path) -> Keys:
    """The keys in `<folder>/keys.json`, made where there are none; two processes that start at once get the same."""
    path = folder / "keys.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        new = Keys(f"LKBX{secrets.token_hex(8).upper()}", secrets.token_urlsafe(30))
        draft = folder / f"keys-{secrets.token_hex(4)}.json"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(asdict(new), stream)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # fails where another process was first: its keys hold
        draft.unlink()
    return Keys(**json.loads(path.read_text(encoding="utf-8")))


def variables(keys: Keys, url: str) -> dict[str, str]:
    """The variables by which AWS's clients reach an endpoint."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
    }
