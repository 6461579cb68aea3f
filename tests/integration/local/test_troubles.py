"""What a newcomer can meet: each is a sentence that says what to do, never a traceback."""

import ast
import asyncio
import errno
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from deploy.demo.spoils import SPOILS
from deploy.local import containers, databases, kafka, postgres, say, topics
from deploy.local.child import Child, Program, python
from deploy.local.host import Host
from deploy.local.paths import ROOT
from deploy.local.say import Trouble
from deploy.local.servers import Servers, prepare, provide
from tests.support.databases import NewDatabase

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


def test_a_check_that_there_is_not_is_refused_before_anything_starts() -> None:
    code, output = told([sys.executable, "-m", "deploy.local", "demo"], BREAK="nonsense", ONCE="1")
    assert code == 1
    assert "BREAK=nonsense names no check" in output
    assert all(name in output for name in SPOILS)
    assert "PostgreSQL" not in output


async def test_a_server_of_the_environment_that_is_not_there_is_named() -> None:
    with pytest.raises(Trouble, match="The PostgreSQL of SHIPEI_POSTGRES can't be reached"):
        await databases.ensure_roles("postgresql://nobody:x@127.0.0.1:9/postgres")
    with pytest.raises(Trouble, match="The Kafka of SHIPEI_KAFKA can't be reached"):
        await topics.create("127.0.0.1:9")


async def test_a_user_who_may_not_create_is_told(servers: Servers) -> None:
    reader = databases.dsns(servers.postgres, "notify", "postgres").reader
    with pytest.raises(Trouble, match="CREATEROLE"):
        await databases.ensure_roles(reader)


@pytest.mark.parametrize(
    ("wanted", "durable", "said"),
    [
        ("containers", False, "needs a container engine, and none answers. Start Docker"),
        ("containers", True, "is for make test and make demo alone"),
        ("cloud", False, "SHIPEI_SERVERS=cloud is not known. Take containers"),
    ],
)
async def test_containers_that_can_not_be_had_are_told(
    wanted: str,
    durable: bool,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SHIPEI_SERVERS", wanted)
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    with pytest.raises(Trouble, match=said):
        async with provide(tmp_path, [] if durable else prepare(), durable=durable):
            raise AssertionError("something was started")


def test_tests_that_can_not_have_containers_say_so_without_a_traceback() -> None:
    code, output = told(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/integration/local/test_servers.py"],
        SHIPEI_SERVERS="containers",
        SHIPEI_POSTGRES="",
        SHIPEI_KAFKA="",
        DOCKER_HOST="tcp://127.0.0.1:9",
    )
    assert code == pytest.ExitCode.USAGE_ERROR
    assert "Start Docker" in output


def test_a_container_gets_the_settings_of_the_local_node() -> None:
    given = containers.kafka_environment(19092, "localhost:19092")
    assert given["KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS"] == kafka.SETTINGS["group.min.session.timeout.ms"]
    assert {f"KAFKA_{key.upper().replace('.', '_')}" for key in kafka.SETTINGS if not key.startswith("broker.")} < set(
        given
    )
    assert given["KAFKA_ADVERTISED_LISTENERS"] == "PLAINTEXT://localhost:19092"


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


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path | None]:
    """A disk of so many megabytes; None for a user who may not mount one."""
    place.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_told(tmp_path: Path, checkout: Path) -> None:
    with small_disk(tmp_path / "disk", 4) as disk:
        code, output = set_up_on(disk, checkout)
    assert code != 0
    assert "The disk is full. Free about 3 GB" in output


def set_up_on(disk: Path | None, checkout: Path) -> tuple[int, str]:
    if disk:
        return told(["make", f"PYTHON={sys.executable}", "up"], copied(disk / "checkout"))
    refuse = (
        "import errno, runpy, sys, venv; full = OSError(errno.ENOSPC, 'No space left on device');"
        "venv.EnvBuilder.create = lambda *_: (_ for _ in ()).throw(full);"
        "sys.argv = ['bootstrap.py', 'up']; runpy.run_path('deploy/local/bootstrap.py', run_name='__main__')"
    )
    return told([sys.executable, "-c", refuse], checkout)


FULL = "DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"  # what PostgreSQL answers then


async def test_a_database_without_space_is_told(new_database: NewDatabase) -> None:
    database = await new_database("notify")
    with pytest.raises(Trouble, match="The disk is full"):
        async with databases.provisioning(database.owner) as connection:
            await connection.execute(FULL)


async def test_a_disk_that_fills_under_a_server_is_told(
    servers: Servers, new_database: NewDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = (await new_database("notify")).owner
    monkeypatch.setenv("SHIPEI_KAFKA", servers.kafka)
    monkeypatch.setenv("SHIPEI_POSTGRES", given)
    (tmp_path / "run" / "logs").mkdir(parents=True)
    home = postgres.home(tmp_path / "run")
    with small_disk(home, 62) as disk:
        if disk:
            monkeypatch.delenv("SHIPEI_POSTGRES")
        with pytest.raises(Trouble, match="The disk is full"):
            await (fill(tmp_path / "run") if disk else refuse(tmp_path / "run", given))
    postgres.leave(tmp_path / "run")


async def fill(folder: Path) -> None:
    """Databases are made in a server on the folder's disk, until there is no space."""
    async with provide(folder, [], durable=True) as provided:
        await databases.ensure_roles(provided.postgres)
        for number in range(30):
            await databases.create(provided.postgres, "notify", f"filler_{number}")


async def refuse(folder: Path, given: str) -> None:
    """A server says that there is no space."""
    async with provide(folder, [], durable=False):
        connection = await asyncpg.connect(given)
        try:
            await connection.execute(FULL)
        finally:
            await connection.close()


LINES = 5000  # far more than a pipe holds


async def test_a_log_that_can_not_be_written_is_told_once_and_its_program_goes_on(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    say.tell_once.cache_clear()
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "kafka.log").symlink_to("/dev/full")  # each write there is refused as on a full disk
    heard: list[str] = []

    def listen(_: str, line: str) -> None:
        heard.append(line)
        raise OSError(errno.ENOSPC, "No space left on device")  # as a terminal that is kept in a file there

    program = Program("kafka", python("-c", f"for n in range({LINES}): print('line', n)"), {})
    child = Child(program, {}, tmp_path / "logs" / "kafka.log", listen)
    assert await asyncio.wait_for(child.ended(), 60) == 0
    assert heard == [f"line {n}" for n in range(LINES)]
    assert child.last_words.endswith(f"line {LINES - 1}\n")
    said = capfd.readouterr().err
    assert said.count("The disk is full. Free about 3 GB") == 1
    assert "Traceback" not in said


async def test_a_server_that_ends_for_want_of_space_is_told_even_when_its_log_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "postgres.log").symlink_to("/dev/full")
    host = Host(tmp_path)
    host.start(Program("postgres", ("sh", "-c", "echo 'PANIC: could not write: No space left on device'; exit 1"), {}))
    trouble = await host.one_failed()
    await host.close()
    assert "The disk is full" in str(trouble)
    assert "The disk is full" in str(host.cause(asyncpg.ConnectionDoesNotExistError("connection was closed")))


def test_a_copy_that_finds_no_space_is_told() -> None:
    copied_half = shutil.Error([("a", "b", "[Errno 28] No space left on device: 'b'")])
    assert "The disk is full" in say.explain(copied_half)
