"""What a newcomer can meet: each is a sentence that says what to do, never a traceback."""

import ast
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import databases, topics
from deploy.local.paths import ROOT
from deploy.local.say import Trouble
from deploy.local.servers import Servers

NOWHERE = "http://127.0.0.1:9/simple"  # the discard port: nobody listens


def told(command: list[str], folder: Path = ROOT, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=120
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh checkout: the files that set-up needs, and no .shipei."""
    return copied(tmp_path / "checkout")


def copied(folder: Path) -> Path:
    (folder / "deploy").mkdir(parents=True)
    shutil.copytree(
        ROOT / "deploy" / "local", folder / "deploy" / "local", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("deploy/__init__.py", "requirements-dev.txt", "Makefile"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def test_a_taken_port_is_named_before_anything_starts() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        code, output = told([sys.executable, "-m", "deploy.local", "up"], SHIPEI_GATEWAY_PORT=port)
    assert code == 1
    assert "SHIPEI_GATEWAY_PORT=<port>, or unset it" in output
    assert f"Port {port} is taken" in output
    assert "PostgreSQL" not in output


def test_a_port_that_is_none_is_refused() -> None:
    code, output = told([sys.executable, "-m", "deploy.local", "up"], SHIPEI_GATEWAY_PORT="eighty")
    assert (code, "SHIPEI_GATEWAY_PORT=eighty is no port" in output) == (1, True)


async def test_a_server_of_the_environment_that_is_not_there_is_named() -> None:
    with pytest.raises(Trouble, match="The PostgreSQL of SHIPEI_POSTGRES can't be reached"):
        await databases.ensure_roles("postgresql://nobody:x@127.0.0.1:9/postgres")
    with pytest.raises(Trouble, match="The Kafka of SHIPEI_KAFKA can't be reached"):
        await topics.create("127.0.0.1:9")


async def test_a_user_who_may_not_create_is_told(servers: Servers) -> None:
    reader = databases.dsns(servers.postgres, "notify", "postgres").reader
    with pytest.raises(Trouble, match="CREATEROLE"):
        await databases.ensure_roles(reader)


def test_without_network_set_up_says_what_to_check(checkout: Path) -> None:
    code, output = told(
        ["make", f"PYTHON={sys.executable}", "up"],
        checkout,
        PIP_INDEX_URL=NOWHERE,
        PIP_NO_CACHE_DIR="1",
        PIP_RETRIES="0",
    )
    assert code != 0
    assert "Check the network or proxy" in output
    assert not (checkout / ".shipei" / "venv" / "shipei-whole").exists()


def test_a_wrong_python_is_told_which_one_is_needed() -> None:
    pretend = "import runpy, sys; sys.version_info = (3, 9, 2); runpy.run_path('deploy/local/bootstrap.py')"
    code, output = told([sys.executable, "-c", pretend])
    assert code == 1
    assert "Python 3.11 or later is needed, this one is 3.9" in output


def test_an_old_python_can_read_the_file_that_tells_it() -> None:
    ast.parse((ROOT / "deploy" / "local" / "bootstrap.py").read_text(), feature_version=(3, 6))


def test_a_python_without_venv_is_told_the_package(checkout: Path) -> None:
    pretend = (
        "import importlib.util, runpy, sys; find = importlib.util.find_spec;"
        "importlib.util.find_spec = lambda name: None if name == 'ensurepip' else find(name);"
        "sys.argv = ['bootstrap.py', 'up']; runpy.run_path('deploy/local/bootstrap.py', run_name='__main__')"
    )
    code, output = told([sys.executable, "-c", pretend], checkout)
    assert code == 1
    assert "apt install python3." in output


def test_a_missing_python_is_told(checkout: Path) -> None:
    code, output = told(["make", "PYTHON=python-of-nobody", "up"], checkout)
    assert code != 0
    assert "python-of-nobody not found: install Python 3.11 or later" in output


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path | None]:
    """A disk of four megabytes; None for a user who may not mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_told(small_disk: Path | None, checkout: Path) -> None:
    if small_disk:
        code, output = told(["make", f"PYTHON={sys.executable}", "up"], copied(small_disk / "checkout"))
    else:
        refuse = (
            "import errno, runpy, sys, venv; full = OSError(errno.ENOSPC, 'No space left on device');"
            "venv.EnvBuilder.create = lambda *_: (_ for _ in ()).throw(full);"
            "sys.argv = ['bootstrap.py', 'up']; runpy.run_path('deploy/local/bootstrap.py', run_name='__main__')"
        )
        code, output = told([sys.executable, "-c", refuse], checkout)
    assert code != 0
    assert "The disk is full. Free about 3 GB" in output
