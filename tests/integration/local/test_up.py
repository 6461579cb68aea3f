"""`up`, `status`, Ctrl-C and `clean`, in a checkout of its own: one's own system may run in this one."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from deploy.local import assets, postgres
from deploy.local.paths import ROOT, SERVICES, STATE
from deploy.local.ports import free_port
from deploy.local.servers import Servers

PROGRAMS = {*SERVICES, "gateway", "sink", "postgres", "supervisor"}
COLUMNS = (
    7  # of a line of `status`: run, name, process id, memory, unit, minutes, unit; then the address, if there is one
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The programs once more, with what was downloaded here."""
    assets.provide()
    for name in ("deploy", "services", "shared"):
        shutil.copytree(ROOT / name, tmp_path / "checkout" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("package.json", "package-lock.json", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / "checkout" / name)
    (tmp_path / "checkout" / ".shipei").mkdir()
    for name in ("assets", "downloads"):
        (tmp_path / "checkout" / ".shipei" / name).symlink_to(STATE / name)
    return tmp_path / "checkout"


def command(name: str) -> Sequence[str]:
    return [sys.executable, "-m", "deploy.local", name]


def status(checkout: Path) -> list[list[str]]:
    """The words of each line."""
    done = subprocess.run(command("status"), cwd=checkout, capture_output=True, text=True, check=True)
    return [line.split() for line in done.stdout.splitlines()]


@contextmanager
def up(checkout: Path, environment: Mapping[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """`up` in a session of its own, as in a terminal; ended in order if the test has not done it."""
    with subprocess.Popen(
        command("up"), cwd=checkout, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()


def test_what_is_up_is_told_and_ends_with_ctrl_c(servers: Servers, checkout: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "SHIPEI_KAFKA": servers.kafka, "SHIPEI_GATEWAY_PORT": str(port)}
    environment.pop("SHIPEI_POSTGRES", None)
    with up(checkout, environment) as process:
        assert process.stdout is not None
        assert any(address in line for line in process.stdout if "(Ctrl-C stops all)" in line)
        page = httpx.get(address)
        assert (page.status_code, "名额到校" in page.text) == (200, True)

        lines = status(checkout)
        assert {line[1] for line in lines} == PROGRAMS
        assert {line[0] for line in lines} == {"up"}
        assert [line[COLUMNS:] for line in lines if line[1] == "gateway"] == [[address]]
        running = [psutil.Process(int(line[2])) for line in lines]
        again = subprocess.run(
            command("up"), cwd=checkout, env={**environment, "SHIPEI_GATEWAY_PORT": ""}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert (again.returncode, f"(process {process.pid})" in again.stderr) == (1, True), again.stderr

        os.killpg(process.pid, signal.SIGINT)  # as a terminal does it
        told = process.stdout.read()
    assert process.returncode == 0, told
    assert "SIGINT" in told
    assert not [p for p in running if p.is_running()]
    assert status(checkout) == []
    subprocess.run(command("clean"), cwd=checkout, check=True)
    home = postgres.home(checkout / ".shipei" / "run" / "up")
    assert checkout in home.parents or not home.parent.exists()
