"""A PostgreSQL server as an operator keeps it: a base backup, and a second copy of its log that every commit waits for.

All of it lies below one folder here; in production backup and log lie on another machine (docs/operations/backup.md).
"""

import asyncio
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Final

from deploy.local import postgres
from deploy.local.child import Child, Program
from deploy.local.databases import provisioning
from deploy.local.host import Host
from deploy.local.ports import LOOPBACK, free_port

ARCHIVE: Final = "shipei_archive"  # names the receiver and its slot
PATIENCE: Final = 60.0  # s


class Cluster:
    """Start it, back it up, lose it, restore it; always on the same port, so that its users find it again."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._port = free_port()
        self._home = postgres.home(host.folder)
        self._tools = postgres.binaries(self._home)
        self._received = 0
        self._receiver: Child | None = None
        self._server: Child | None = None
        self.dsn = ""

    @property
    def backup(self) -> Path:
        """The base backup."""
        return self._home / "backup"

    @property
    def archive(self) -> Path:
        """Where the log goes that is written now; after a restore a new folder, for it is another history."""
        return self._home / f"archive-{self._received}"

    async def start(self) -> str:
        """Start the server and its receiver; from here on no commit is answered that the receiver has not on disk.

        Gives the administrator's address.
        """
        self.dsn = await postgres.start(self._host, durable=True, port=self._port)
        self._server = self._host.children[-1]
        await self._until("not pg_is_in_recovery()")
        await self._receive()
        async with provisioning(self.dsn) as con:
            await con.execute(f"alter system set synchronous_standby_names = '{ARCHIVE}'")
            await con.execute("select pg_reload_conf()")
        await self._until("bool_or(sync_state = 'sync') from pg_stat_replication")
        return self.dsn

    async def base_backup(self) -> None:
        """Back up all databases while they are in use; together with the log of that time it is one instant."""
        await self.tool("pg_basebackup", "-D", str(self.backup), "-X", "stream", "-c", "fast")

    async def lose(self) -> None:
        """Kill the server and remove its data, as a dead disk does."""
        for child in (self._server, self._receiver):
            if child is not None and child.alive:
                child.signal(signal.SIGKILL)
                await child.ended()
        await asyncio.to_thread(shutil.rmtree, self._home / "data")

    async def restore(self, archive: Path | None) -> None:
        """Put the backup where the data were and start; with ``archive`` its log is played to the end."""
        data = self._home / "data"
        await self._as_server("cp", "-a", str(self.backup), str(data))
        if archive is not None:
            copy = f'cp "{archive}/%f" "%p" || cp "{archive}/%f.partial" "%p"'
            with (data / "postgresql.auto.conf").open("a") as settings:
                settings.write(f"restore_command = '{copy}'\n")
            await self._as_server("touch", str(data / "recovery.signal"))
        await self.start()

    async def dump(self, database: str) -> Path:
        """One database as it is now."""
        file = self._home / f"{database}.dump"
        await self.tool("pg_dump", "--format=custom", f"--file={file}", database=database)
        return file

    async def load(self, database: str, file: Path) -> None:
        """A dump into a new, empty database."""
        await self.tool("pg_restore", "--exit-on-error", f"--dbname={self._address(database)}", str(file))

    async def tool(self, name: str, *arguments: str, database: str = "") -> None:
        """Run one of PostgreSQL's programs against the server. Raises CalledProcessError."""
        where = () if name == "pg_restore" else ("-d", self._address(database or "postgres"))
        await self._as_server(str(self._tools / name), *where, *arguments)

    def _address(self, database: str, name: str = "shipei operator") -> str:
        return f"host={LOOPBACK} port={self._port} user=postgres dbname={database} application_name='{name}'"

    async def _receive(self) -> None:
        self._received += 1
        await self._as_server("mkdir", str(self.archive))
        await self.tool("pg_receivewal", f"--slot={ARCHIVE}", "--create-slot", "--if-not-exists")
        command = [
            str(self._tools / "pg_receivewal"),
            "-d",
            self._address("postgres", ARCHIVE),
            "-D",
            str(self.archive),
        ]
        command += [f"--slot={ARCHIVE}", "--synchronous"]
        self._receiver = self._host.start(
            Program("pg_receivewal", command, self._password(), user=postgres.user(), stop=signal.SIGINT)
        )

    async def _until(self, condition: str) -> None:
        """Ask until it is so; the server itself sends no signal."""
        async with asyncio.timeout(PATIENCE), provisioning(self.dsn) as con:
            while not await con.fetchval(f"select {condition}"):  # noqa: ASYNC110 - a server sends no signal
                await asyncio.sleep(0.1)

    def _password(self) -> dict[str, str]:
        return {"PGPASSWORD": (self._home / "password").read_text()}

    async def _as_server(self, *command: str) -> None:
        await asyncio.to_thread(
            subprocess.run, command, check=True, capture_output=True, text=True, cwd=self._home,
            env={**os.environ, **self._password()}, user=postgres.user(), extra_groups=[] if postgres.user() else None,
        )  # fmt: skip
