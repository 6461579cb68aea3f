import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.local.paths import ROOT
from deploy.local.processes import Registry
from deploy.local.servers import Servers


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


def test_an_orphan_is_ended(tmp_path: Path, sleeper: "subprocess.Popen[bytes]") -> None:
    Registry(tmp_path).add("orphan", sleeper.pid)
    assert [record.name for record in Registry(tmp_path).stop_orphans()] == ["orphan"]
    assert not psutil.pid_exists(sleeper.pid)
    assert Registry(tmp_path).records() == []


def test_a_stranger_with_a_recorded_id_is_left_alone(tmp_path: Path, sleeper: "subprocess.Popen[bytes]") -> None:
    Registry(tmp_path).add("server", sleeper.pid)
    (record,) = Registry(tmp_path).records()
    earlier = [{"name": "server", "pid": sleeper.pid, "started": record.started - 1, "stop": signal.SIGKILL}]
    (tmp_path / "processes.json").write_text(json.dumps(earlier))
    assert Registry(tmp_path).stop_orphans() == []
    assert sleeper.poll() is None


def test_what_a_killed_run_left_is_ended_by_the_next_and_nothing_is_left_by_that(servers: Servers) -> None:
    first, postgres = serving(servers)
    first.kill()
    first.communicate()
    assert postgres.is_running()
    second, next_postgres = serving(servers)
    assert not postgres.is_running()
    second.send_signal(signal.SIGINT)
    second.communicate(timeout=30)
    assert second.returncode == 0
    assert not next_postgres.is_running()


def serving(servers: Servers) -> tuple["subprocess.Popen[str]", psutil.Process]:
    """A run of `servers` that starts PostgreSQL alone, and its PostgreSQL."""
    environment = {**os.environ, "SHIPEI_KAFKA": servers.kafka}
    environment.pop("SHIPEI_POSTGRES", None)
    command = [sys.executable, "-m", "deploy.local", "servers"]
    run = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    assert run.stdout.readline().startswith("export SHIPEI_POSTGRES=")
    (postgres,) = psutil.Process(run.pid).children()
    return run, postgres
