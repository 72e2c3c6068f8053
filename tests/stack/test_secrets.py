"""Secrets are random, each client has only its own, and they are in no image, file of the repository, inspection, log
or process list.
"""

import subprocess

import pytest
from stack.running_stack import LONG_RUNNING, ONE_SHOTS, REPOSITORY, S3_CLIENTS, Stack, docker

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]

FOLDERS = {
    "minio": ["minio"],
    "postgres": ["postgres"],
    "metastore": ["metastore"],
    "spark-master": [],
    "spark-worker": ["user"],
    "trino": ["sql"],
    "jupyter": ["notebooks"],
    "api": ["api", "driver", "lake-driver", "user"],
    "driver": ["driver", "user"],
    "lake-driver": ["jobs", "lake-driver", "user"],
}

# Python packages bring the keys of their own tests and examples, which are as public as the packages are.
PUBLIC_KEYS = ("/Crypto/SelfTest/", "/tornado/test/", "/botocore/data/iam/")
SYSTEM = "-path /proc -prune -o -path /sys -prune -o -path /dev -prune -o"
KEY_FILES = (
    "-name '*.key' -o -name 'id_rsa*' -o -name 'id_ed25519*' -o -name credentials -o -name .pgpass -o -name .netrc"
)
SETTINGS_WITH_PASSWORDS = (
    "-o -name pip.conf -o -name .pypirc -o -name settings-security.xml -o -path '*/.docker/config.json'"
)


@pytest.fixture(scope="module")
def secrets(stack: Stack) -> dict[str, str]:
    """All secrets there are, by name."""
    credentials = stack.credentials()
    found = {client: credentials[client]["aws_secret_access_key"] for client in S3_CLIENTS}
    return found | {
        "MinIO's root": stack.secret("minio", "minio/root-password"),
        "the metastore's password": stack.secret("postgres", "postgres/metastore-password"),
        "the API's password": stack.secret("postgres", "postgres/api-password"),
        "the API's name at Trino": stack.secret("api", "api/trino-name"),
        "the driver's token": stack.secret("driver", "driver/token"),
        "the lake driver's token": stack.secret("lake-driver", "lake-driver/token"),
        "Jupyter's token": stack.secret("jupyter", "notebooks/token"),
    }


def test_secrets_are_long_and_all_different(secrets: dict[str, str]) -> None:
    assert {len(secret) for secret in secrets.values()} == {40}
    assert len(set(secrets.values())) == len(secrets)


def test_minio_has_no_keys_of_clients(stack: Stack) -> None:
    listed = stack.compose("exec", "--no-TTY", "minio", "ls", "-A", "/run/lakebox/minio").stdout
    assert listed.split() == ["root-password", "root-user"]


@pytest.mark.parametrize("service", LONG_RUNNING)
def test_a_client_has_its_own_secrets_only(stack: Stack, service: str) -> None:
    listed = stack.compose("exec", "--no-TTY", service, "sh", "-c", "ls /run/lakebox 2>/dev/null || true")
    assert listed.stdout.split() == FOLDERS[service]


def test_no_secret_shows_in_inspection_logs_or_process_lists(stack: Stack, secrets: dict[str, str]) -> None:
    shown = {"logs": stack.compose("logs", "--no-color", *LONG_RUNNING, *ONE_SHOTS).stdout}
    for container in stack.containers():
        name = container["Name"]
        shown[f"inspection of {name}"] = docker("inspect", container["Id"])
        if container["State"]["Running"]:
            shown[f"processes of {name}"] = docker("top", container["Id"], "-eo", "pid,args")
    assert len(shown["logs"]) > 1000
    assert {
        (name, where) for name, secret in secrets.items() for where, text in shown.items() if secret in text
    } == set()


def test_no_secret_is_in_the_environment_of_any_process(stack: Stack, secrets: dict[str, str]) -> None:
    for service in LONG_RUNNING:
        environment = stack.compose(
            "exec", "--no-TTY", service, "sh", "-c", "cat /proc/[0-9]*/environ 2>/dev/null || true"
        ).stdout
        assert "PATH=" in environment
        leaks = {name for name, secret in secrets.items() if secret in environment}
        # MinIO puts what it read from its files into its own environment.
        assert leaks <= ({"MinIO's root"} if service == "minio" else set()), service


def test_no_secret_is_in_the_repository(stack: Stack, secrets: dict[str, str]) -> None:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    files = [REPOSITORY / name for name in names.split("\0") if name]
    contents = {path.name: path.read_bytes() for path in files if path.is_file()}
    assert len(contents) > 50
    leaks = {(kind, name) for kind, secret in secrets.items() for name in contents if secret.encode() in contents[name]}
    assert leaks == set()


def test_no_image_has_a_secret_a_private_key_or_a_file_of_credentials(stack: Stack, secrets: dict[str, str]) -> None:
    """Such as packages make while they are installed: each container would have the same."""
    tree = "/ --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev"
    given = "cat >/dev/shm/live; { cat /dev/shm/live; echo; echo 'PRIVATE KEY-----'; } >/dev/shm/all"
    one_pass = f"grep -rl --fixed-strings --file=/dev/shm/all {tree}"  # then of private keys only those in texts
    live, key = "grep -q --fixed-strings --file=/dev/shm/live", "grep -qI --fixed-strings 'PRIVATE KEY-----'"
    in_text = f'{one_pass} | while read -r file; do {live} "$file" || {key} "$file" && echo "$file"; done'
    by_name = f"find / {SYSTEM} -type f -size +0 \\( {KEY_FILES} {SETTINGS_WITH_PASSWORDS} \\) -print"
    for image in sorted({container["Config"]["Image"] for container in stack.containers()}):
        run = ("docker", "run", "--rm", "--interactive", "--network=none", "--user=0", "--entrypoint=sh", image, "-c")
        searched = subprocess.run(
            [*run, f"{given}; {{ {in_text}; {by_name}; }} 2>/dev/null; echo done"],
            input="\n".join(secrets.values()),
            capture_output=True,
            text=True,
            check=True,
        )
        *found, last = searched.stdout.splitlines()
        assert last == "done"
        assert [path for path in found if not any(known in path for known in PUBLIC_KEYS)] == [], image
        assert not any(secret in docker("history", "--no-trunc", image) for secret in secrets.values())
