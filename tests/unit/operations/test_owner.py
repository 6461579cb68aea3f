"""The owner of a database may drop every table: migrations connect as one, and no process that runs on is given one."""

import subprocess
from pathlib import Path

import pytest
import yaml

from deploy.containers import steps
from deploy.local import keys
from deploy.local.child import python
from deploy.local.databases import dsns
from deploy.local.host import Host
from deploy.local.paths import ROOT, SERVICES
from deploy.local.servers import Servers
from deploy.local.stack import Plan, new_ports, programs
from deploy.operations import history, install
from tests.support.manifests import container, pods

ADMIN = "postgresql://postgres:secret@db.example.invalid:5432/postgres"
OWNER = "_owner:"


def test_no_process_on_one_machine_is_given_an_owner(tmp_path: Path) -> None:
    owned = {service: dsns(ADMIN, service, service) for service in SERVICES}
    assert all(OWNER in owned[service].owner for service in SERVICES)
    servers = Servers(ADMIN, "127.0.0.1:1", Host(tmp_path))
    for program in programs(Plan(tmp_path, servers, owned, "", keys.provide(tmp_path), new_ports())):
        given = " ".join([*program.environment.values(), *program.command])
        assert OWNER not in given, program.name
        assert ":secret@" not in given, program.name


def test_no_container_is_given_an_owner_and_the_administrator_is_the_migrations_alone(tmp_path: Path) -> None:
    parts = steps.parts(tmp_path)
    assert not [name for name, content in parts.items() if OWNER in content]
    password = parts["admin/postgres-password"]
    assert {name.partition("/")[0] for name, content in parts.items() if password in content} == {"admin"}
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
    for name in SERVICES:
        assert compose[name]["environment"].get("SHIPEI_DSN_OWNER", "") == "", name
        pod = {e["name"]: e.get("value", "") for e in container(pods()[name])["env"]}
        assert pod.get("SHIPEI_DSN_OWNER", "") == "", name


def test_to_serve_needs_no_owner_and_to_migrate_does(tmp_path: Path) -> None:
    given = {
        "PORT": "0",
        "DSN_WRITER": ADMIN,
        "DSN_READER": ADMIN,
        "KAFKA": "x:1",
        "JWKS": str(tmp_path),
        "SERVICE_TOKEN": "t",
    }
    done = subprocess.run(python("-m", "services.reporting", "migrate"), cwd=ROOT, capture_output=True, text=True, check=False,
                          env={f"SHIPEI_{name}": value for name, value in given.items()})  # fmt: skip
    assert done.returncode == 2
    assert "migrate needs SHIPEI_DSN_OWNER" in done.stderr


def test_passwords_come_from_the_environment_and_are_no_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everyone on a machine sees the arguments of every process."""
    monkeypatch.delenv("SHIPEI_POSTGRES", raising=False)
    with pytest.raises(SystemExit, match="SHIPEI_POSTGRES is needed"):
        install.administrator()
    monkeypatch.setenv("SHIPEI_POSTGRES", ADMIN)
    assert install.administrator() == ADMIN
    with pytest.raises(SystemExit, match="ENROLMENT_DSN BLACKLIST_DSN NOTIFY_DSN"):
        history.databases()
    for service in history.PRODUCERS:
        monkeypatch.setenv(f"{service.upper()}_DSN", f"{ADMIN}/{service}")
    assert history.databases()["notify"] == f"{ADMIN}/notify"
    for program, module in (("install", install), ("history", history)):
        monkeypatch.setattr("sys.argv", [program, "show", "--kafka", "x:1", "--postgres", ADMIN, "--enrolment", ADMIN])
        with pytest.raises(SystemExit):
            module.parse()
