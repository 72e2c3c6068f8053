"""The stack comes up ready, again and again, and lets in only those who should get in."""

import subprocess

import pytest
from stack.running_stack import LONG_RUNNING, PORTS, Stack, docker

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]


def test_every_service_is_healthy_and_has_a_health_check(stack: Stack) -> None:
    states = {
        container["Config"]["Labels"]["com.docker.compose.service"]: container["State"]["Health"]["Status"]
        for container in stack.containers(one_shots=False)
    }
    assert states == dict.fromkeys(LONG_RUNNING, "healthy")


def test_ready_means_that_trino_reads_a_table_of_the_metastore_in_s3(stack: Stack) -> None:
    assert stack.sql("SELECT state FROM awsdatacatalog.default.lakebox_ready") == [["ready"]]
    assert ["ai_lakehouse_db"] in stack.sql("SHOW SCHEMAS FROM awsdatacatalog")


def test_a_second_up_changes_nothing(stack: Stack) -> None:
    def running() -> set[tuple[str, str]]:
        return {(one["Id"], one["State"]["StartedAt"]) for one in stack.containers(one_shots=False)}

    before, keys = running(), stack.credentials()
    stack.up()
    assert running() == before
    assert stack.credentials() == keys


def test_trinos_word_of_having_been_ready_does_not_outlive_a_restart(stack: Stack) -> None:
    assert "/tmp" in stack.container("trino")["HostConfig"]["Tmpfs"]
    assert stack.compose("exec", "--no-TTY", "trino", "ls", "/tmp/ready").stdout == "/tmp/ready\n"


def test_a_wait_ends_when_the_setting_says_and_names_what_is_missing(stack: Stack) -> None:
    impatient = Stack(stack.project, stack.environment | {"LAKEBOX_WAIT_S": "1"})
    nobody = "LAKEBOX_TRINO_URL=http://127.0.0.1:1"
    done = impatient.compose(
        "run", "--rm", "--no-deps", "--no-TTY", "--env", nobody, "catalog", check=False, timeout_s=60
    )
    assert done.returncode == 1
    assert "are the services trino and metastore up?" in done.stderr


def test_ports_are_published_on_loopback_only_and_where_the_environment_says(stack: Stack) -> None:
    bindings = [
        binding
        for container in stack.containers()
        for published in (container["HostConfig"]["PortBindings"] or {}).values()
        for binding in published
    ]
    assert {binding["HostIp"] for binding in bindings} == {"127.0.0.1"}
    assert sorted(int(binding["HostPort"]) for binding in bindings) == sorted(PORTS.values())


def test_no_process_of_any_container_is_root(stack: Stack) -> None:
    for container in stack.containers(one_shots=False):
        users = {line.split()[1] for line in docker("top", container["Id"], "-eo", "pid,uid,comm").splitlines()[1:]}
        assert users, container["Name"]
        assert "0" not in users, container["Name"]


def test_containers_have_no_capabilities_no_new_privileges_and_a_memory_limit(stack: Stack) -> None:
    for container in stack.containers():
        settings = container["HostConfig"]
        assert container["Config"]["User"] not in ("", "0", "root"), container["Name"]
        assert settings["CapDrop"] == ["ALL"], container["Name"]
        assert settings["SecurityOpt"] == ["no-new-privileges:true"], container["Name"]
        assert settings["Memory"] > 0, container["Name"]
        assert not settings["Privileged"], container["Name"]


def test_the_notebooks_reach_neither_the_cluster_nor_the_database(stack: Stack) -> None:
    for host, port in (("spark-master", 7077), ("postgres", 5432)):
        connect = f"exec 3<>/dev/tcp/{host}/{port}"
        done = stack.compose("exec", "--no-TTY", "jupyter", "timeout", "5", "bash", "-c", connect, check=False)
        assert done.returncode != 0, host


def test_jupyter_wants_its_token(stack: Stack) -> None:
    def status(*arguments: str) -> str:
        url = f"http://127.0.0.1:{PORTS['LAKEBOX_JUPYTER_PORT']}/api/contents"
        curl = ["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", *arguments, url]
        return subprocess.run(curl, capture_output=True, text=True, check=True).stdout

    token = stack.secret("jupyter", "notebooks/token")
    assert status() == "403"
    assert status("--header", f"Authorization: token {token}") == "200"
