"""A place in memory for a server that may forget: tests make and drop hundreds of databases of three hundred files each."""

import hashlib
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from deploy.local.say import going_on

MEMORY = Path("/dev/shm")  # noqa: S108 - a place of our own is made in it
ROOM = 2 * 2**30  # bytes


def name(folder: Path) -> str:
    """Of what lies elsewhere for a run folder; no two folders share one, and a deep folder's is no longer."""
    return hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]


def place(folder: Path) -> Path:
    """Where it is for a run folder."""
    return MEMORY / f"shipei-{name(folder)}"


def take(folder: Path) -> Path | None:
    """Makes the place; None where there is no room, or where somebody else has its name: anybody may take one there."""
    if not roomy():
        return None
    mine = place(folder)
    with suppress(FileExistsError):
        mine.mkdir()
        mine.chmod(0o755)  # whatever the umask says, for the server's own user
    return mine if ours(mine) else None


def give_back(folder: Path) -> None:
    """Removes the place of a run folder and all in it; what is not ours is left alone."""
    if ours(mine := place(folder)):
        with going_on():
            shutil.rmtree(mine)


def roomy() -> bool:
    """Whether this machine keeps files in memory, and has room there."""
    return os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM


def ours(folder: Path) -> bool:
    """It is there, a folder and no link to one, and nobody else's."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
