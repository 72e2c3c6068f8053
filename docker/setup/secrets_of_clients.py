"""Random secrets, on first start -> one folder a client below /run/lakebox, each a volume that only its client gets.

minio/       root-user, root-password
postgres/    metastore-password, api-password
metastore/   password.xml (Hadoop settings), pgpass (psql), credentials (AWS shared credentials)
jobs/ sql/ notebooks/ landing/ user/   credentials;  notebooks/ has Jupyter's token, too, and jobs/ has s3a.xml (Hadoop
             settings): the lake and the raw bucket are read and written as `jobs`, all others as `user`; sql/ has
             s3-users.json and users.json (Trino's settings): the user `api`, who must prove it by a secret name, reads
             and writes as `user`, all others as `sql`
api/         pgpass; trino-name: by it the API proves itself to Trino
driver/ lake-driver/   token: by it the API proves itself to the service of that name

minio-credentials, beside credentials, is what a client is to MinIO: kept while another S3 is used.

What is there is kept, what is missing is made, each file whole or not at all: safe to repeat and to interrupt.
`secrets_of_clients.py CLIENT…` then prints these clients' S3 credentials, for the host: a profile a client.
"""

import configparser
import json
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path("/run/lakebox")
OWN_S3 = Path("/run/own-s3/credentials")
S3_CLIENTS = ("metastore", "jobs", "sql", "notebooks", "landing", "user")
MINIO_PASSWORD_LENGTH = 40


def kept(path: Path, content: Callable[[], str]) -> str:
    """What a file holds; where there is none, it is written first."""
    if not path.exists():
        replace(path, content())
    return path.read_text()


def replace(path: Path, content: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.unlink(missing_ok=True)
    with open(os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def random_secret() -> str:
    """A secret of letters and digits, as long as MinIO takes."""
    return secrets.token_hex(MINIO_PASSWORD_LENGTH // 2)


def credentials(access_key: str, secret_key: str) -> str:
    """An AWS shared-credentials file with one profile."""
    return f"[default]\naws_access_key_id = {access_key}\naws_secret_access_key = {secret_key}\n"


def own_s3_profiles() -> configparser.ConfigParser:
    """Profiles of the user's own S3 (LAKEBOX_S3_CREDENTIALS_FILE); none where the stack's MinIO is used."""
    profiles = configparser.ConfigParser(interpolation=None, default_section="")
    try:
        profiles.read_string(OWN_S3.read_text())
    except PermissionError:
        sys.exit(f"secrets: LAKEBOX_S3_CREDENTIALS_FILE can't be read by user {os.getuid()}: chmod o+r it")
    return profiles


def own_credentials(profiles: configparser.ConfigParser, client: str) -> str:
    """A client's profile of the user's own S3, or the default one, as a file with one profile."""
    name = client if client in profiles else "default"
    if name not in profiles:
        sys.exit(f"secrets: LAKEBOX_S3_CREDENTIALS_FILE has neither [{client}] nor [default]")
    return "".join(["[default]\n", *(f"{key} = {value}\n" for key, value in profiles[name].items())])


def write_s3_credentials() -> None:
    """A credentials file a client: of the user's own S3 where that is set, else random ones for the stack's MinIO."""
    profiles = own_s3_profiles()
    for client in S3_CLIENTS:
        minio_file = ROOT / client / "minio-credentials"
        own = kept(minio_file, lambda client=client: credentials(f"lakebox-{client}", random_secret()))
        if os.environ.get("LAKEBOX_S3_ENDPOINT"):
            own = own_credentials(profiles, client)
        current = ROOT / client / "credentials"
        if not current.exists() or current.read_text() != own:
            replace(current, own)


def bucket_settings() -> str:
    """Hadoop's settings by which Spark is the client `jobs` in the lake and in the raw bucket."""
    profiles = configparser.ConfigParser(interpolation=None)
    profiles.read(ROOT / "jobs" / "credentials")
    profile = profiles["default"]
    settings = {
        "access.key": profile.get("aws_access_key_id"),
        "secret.key": profile.get("aws_secret_access_key"),
        "session.token": profile.get("aws_session_token"),
    }
    kind = "Temporary" if settings["session.token"] else "Simple"
    settings["aws.credentials.provider"] = f"org.apache.hadoop.fs.s3a.{kind}AWSCredentialsProvider"
    properties = [
        f"<property><name>fs.s3a.bucket.{bucket}.{name}</name><value>{escape(value)}</value></property>"
        for bucket in (os.environ["LAKEBOX_LAKE_BUCKET"], os.environ["LAKEBOX_RAW_BUCKET"])
        for name, value in settings.items()
        if value
    ]
    return "\n".join(["<configuration>", *properties, "</configuration>", ""])


def statement_settings() -> str:
    """Trino's settings by which it has the user's own rights in S3 where it runs the user's statements.

    Temporary credentials have no place in them: there, all statements run as `sql`.
    """
    profiles = configparser.ConfigParser(interpolation=None)
    profiles.read(ROOT / "user" / "credentials")
    profile = profiles["default"]
    keys = {"accessKey": profile["aws_access_key_id"], "secretKey": profile["aws_secret_access_key"]}
    users = [] if "aws_session_token" in profile else [{"user": "api"} | keys]
    return json.dumps({"mappings": [*users, {"useClusterDefault": True}]})


def proven_users(name: str) -> str:
    """Trino's settings by which nobody is the user `api` but who knows a secret name; others are who they say."""
    rules = [{"pattern": name, "user": "api"}, {"pattern": "api", "allow": False}, {"pattern": "(.*)"}]
    return json.dumps({"rules": rules})


def write_all() -> None:
    """All secrets of all clients."""
    kept(ROOT / "minio" / "root-user", lambda: "lakebox-root")
    kept(ROOT / "minio" / "root-password", random_secret)
    password = kept(ROOT / "postgres" / "metastore-password", random_secret)
    replace(ROOT / "metastore" / "pgpass", f"*:*:*:metastore:{password}\n")
    option = f"<name>javax.jdo.option.ConnectionPassword</name><value>{password}</value>"
    replace(ROOT / "metastore" / "password.xml", f"<configuration><property>{option}</property></configuration>\n")
    kept(ROOT / "notebooks" / "token", random_secret)
    for service in ("driver", "lake-driver"):
        kept(ROOT / service / "token", random_secret)
    api_password = kept(ROOT / "postgres" / "api-password", random_secret)
    replace(ROOT / "api" / "pgpass", f"*:*:*:api:{api_password}\n")
    write_s3_credentials()
    replace(ROOT / "jobs" / "s3a.xml", bucket_settings())
    replace(ROOT / "sql" / "s3-users.json", statement_settings())
    replace(ROOT / "sql" / "users.json", proven_users(kept(ROOT / "api" / "trino-name", random_secret)))


if __name__ == "__main__":
    os.umask(0o077)
    write_all()
    for client in sys.argv[1:]:
        print((ROOT / client / "credentials").read_text().replace("[default]", f"[{client}]"), end="")
