"""A server that may forget: where its files are, and that nothing of it stays, however it ends."""

import errno
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from deploy.local import memory, postgres
from deploy.local.child import python
from deploy.local.paths import ROOT
from deploy.local.servers import Servers, provide

NOBODY = 65_534


@pytest.fixture(params=["open", "closed"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A run folder: one that every user may enter, and one below a folder that is its owner's alone, as `tmp_path` is."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        run = (Path(place) if request.param == "open" else tmp_path) / "run"
        (run / "logs").mkdir(parents=True)
        yield run
        postgres.leave(run)


@pytest.fixture(autouse=True)
def postgres_alone(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is started here is PostgreSQL; Kafka is that of the session."""
    monkeypatch.setenv("SHIPEI_KAFKA", servers.kafka)
    monkeypatch.delenv("SHIPEI_POSTGRES", raising=False)


@pytest.mark.parametrize("room", [memory.ROOM, 2**60], ids=["as there is here", "none"])
async def test_a_server_that_may_forget_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    """Where there is no room in memory, its files are where those of any other are."""
    monkeypatch.setattr(memory, "ROOM", room)
    in_memory, on_disk = memory.place(folder), postgres.home(folder)
    async with provide(folder, [], durable=False):
        assert (in_memory.exists(), on_disk.exists()) == (memory.roomy(), not memory.roomy())
    assert not in_memory.exists()
    assert not on_disk.exists()


def test_run_folders_of_like_names_share_no_memory(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a" * 200] * 5)
    assert len({memory.place(each) for each in (tmp_path / "a" / "b", tmp_path / "a-b", deep, deep / "b")}) == 4
    assert len(memory.place(deep).name) == len(memory.place(tmp_path).name)


def link(place: Path, elsewhere: Path) -> None:
    place.symlink_to(elsewhere)


def file(place: Path, _: Path) -> None:
    place.touch()


def owned(place: Path, _: Path) -> None:
    place.mkdir()
    os.chown(place, NOBODY, NOBODY)


TAKEN = [link, file, *([owned] if os.geteuid() == 0 else [])]  # only root makes what is another's


@pytest.mark.parametrize("taken", TAKEN)
async def test_a_name_in_memory_that_is_taken_is_left_alone(folder: Path, taken: Callable[[Path, Path], None]) -> None:
    place = memory.place(folder)
    taken(place, folder / "logs")
    before = place.lstat()
    try:
        async with provide(folder, [], durable=False):
            assert (postgres.home(folder) / "data").exists()
        assert place.lstat() == before
    finally:
        place.rmdir() if taken is owned else place.unlink()
    assert not postgres.home(folder).exists()


async def test_a_server_that_is_killed_leaves_no_memory(folder: Path) -> None:
    """What its processes share is a file as well."""
    async with provide(folder, [], durable=False) as provided:
        (child,) = provided.host.children
        server = psutil.Process(child.pid)
        mapped = {Path(each.path) for each in server.memory_maps()}
        shared = [each for each in mapped if each.name.startswith(("PostgreSQL.", "mmap."))]
        workers = server.children()
        server.kill()
        psutil.wait_procs(workers, timeout=30)
    assert shared
    assert not [each for each in shared if each.exists()]


RUN = """
import asyncio, sys
from deploy.local.runs import claim
from deploy.local.servers import provide

async def run(folder):
    async with provide(folder, [], durable=False):
        print("there", flush=True)
        await asyncio.Event().wait()

with claim(sys.argv[1]) as folder:
    asyncio.run(run(folder))
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """The commands once more: one's own runs may live in this one."""
    for name in ("deploy/local", "deploy/__init__.py"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (tmp_path / "deploy").mkdir(exist_ok=True)
        copy(ROOT / name, tmp_path / name)
    yield tmp_path
    said(tmp_path, "clean")


def said(checkout: Path, command: str) -> str:
    done = subprocess.run(
        python("-m", "deploy.local", command), cwd=checkout, capture_output=True, text=True, check=True
    )
    return done.stderr


@contextmanager
def running(checkout: Path, name: str) -> Iterator["subprocess.Popen[str]"]:
    """A run whose servers are there; killed in the end."""
    with subprocess.Popen(python("-c", RUN, name), cwd=checkout, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "there\n"
        try:
            yield run
        finally:
            run.kill()


@pytest.mark.parametrize("name", ["demo", "test"])
def test_down_gives_back_the_memory_of_a_killed_run(checkout: Path, name: str) -> None:
    place = memory.place(checkout / ".shipei" / "run" / name)
    with running(checkout, name):
        pass
    assert place.exists() == memory.roomy()
    assert f"stopped: {name}" in said(checkout, "down")
    assert not place.exists()


def test_down_leaves_a_living_test_run_alone(checkout: Path) -> None:
    place = memory.place(checkout / ".shipei" / "run" / "test")
    with running(checkout, "test") as run:
        assert "nothing runs" in said(checkout, "down")
        assert (run.poll(), place.exists()) == (None, memory.roomy())
    said(checkout, "clean")
    assert not place.exists()


COPY = """
import asyncio, sys
from pathlib import Path
import asyncpg
from deploy.local import databases
from deploy.local.servers import provide
from tests.support.sandbox import refuse_copy_file_range

async def run(folder):
    async with provide(folder, [], durable=False) as provided:
        await databases.ensure_roles(provided.postgres)
        await databases.create(provided.postgres, "notify", "original")
        copy = await databases.create(provided.postgres, "notify", "copied", "original")
        connection = await asyncpg.connect(copy.owner)
        print(await connection.fetchval("show file_copy_method"))
        await connection.close()

if "refused" in sys.argv:
    refuse_copy_file_range()
asyncio.run(run(Path(sys.argv[1])))
"""


@pytest.mark.parametrize(("system", "method"), [("willing", "clone"), ("refused", "copy")])
def test_a_database_is_copied_where_the_system_refuses_to_clone_files(folder: Path, system: str, method: str) -> None:
    done = subprocess.run(
        python("-c", COPY, str(folder), system), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, f"{method}\n"), done.stderr


def refused(*_: int) -> int:
    raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))


@pytest.mark.parametrize("answer", [refused, lambda *_: 0], ids=["refused", "nothing copied"])
def test_a_system_that_does_not_clone_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Callable[..., int]
) -> None:
    monkeypatch.setattr(os, "copy_file_range", answer)
    assert not postgres.clones(tmp_path)
    monkeypatch.delattr(os, "copy_file_range")
    assert not postgres.clones(tmp_path)
    assert not list(tmp_path.iterdir())
