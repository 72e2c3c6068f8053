"""`lakebox site --publish`: the pages go into a bucket of their own, beside the lake's, by S3's API."""

import mimetypes
from pathlib import Path

from lakebox.deploy.api import Clients
from lakebox.deploy.buckets import ensure_bucket, keys_of
from lakebox.settings import Settings, lake_bucket


def site_bucket() -> str:
    """The bucket of the site; one of its own, for no page is data."""
    return f"{lake_bucket()[:58]}-site"


def publish_site(clients: Clients, folder: Path) -> int:
    """Bring the bucket to what a site's folder holds; the number of files. Files that the site has no more are gone."""
    s3, bucket = clients("s3"), site_bucket()
    ensure_bucket(s3, bucket)
    files = {path.name: path for path in sorted(folder.iterdir()) if path.is_file()}
    for name, path in files.items():
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        charset = "; charset=utf-8" if kind.startswith("text/") else ""
        s3.put_object(Bucket=bucket, Key=name, Body=path.read_bytes(), ContentType=kind + charset)
    for key in keys_of(s3, bucket):
        if key not in files:
            s3.delete_object(Bucket=bucket, Key=key)
    return len(files)


def address(settings: Settings, first: Path) -> str:
    """Where a browser opens the site: the sandbox's S3 answers signed requests alone, which no browser sends.

    Embedded, the bucket is a folder, and its pages are files; on the stack, the local copy is opened.
    """
    published = Path(settings.folder, site_bucket(), first.name) if settings.folder else first
    return published.absolute().as_uri()
