"""Files behind a small port. The one store there is keeps them in the service's table ``file``.

Events carry a file's id and hash; the bytes stay in the service that took them.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import uuid4

from shared.db import Connection, load_queries

Q = load_queries(__file__, "files.sql")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is known of a stored file without its bytes. ``sha256`` is hexadecimal, ``size`` in bytes."""

    file_id: str
    sha256: str
    size: int
    name: str
    media_type: str


class FileStore(Protocol):
    """Keeps files for ever; a stored file is never changed."""

    async def put(self, con: Connection, name: str, media_type: str, content: bytes, now: datetime) -> StoredFile:
        """Store a file in the caller's transaction; ``now`` is the business instant."""
        ...

    async def describe(self, con: Connection, file_id: str) -> StoredFile | None:
        """What is known of a file; None when there is no such file."""
        ...

    async def read(self, con: Connection, file_id: str) -> bytes | None:
        """The bytes of a file; None when there is no such file."""
        ...


class TableFiles:
    """Files as rows: one database to back up, and a file commits with the command that brings it."""

    async def put(self, con: Connection, name: str, media_type: str, content: bytes, now: datetime) -> StoredFile:
        """Insert one row."""
        stored = StoredFile(str(uuid4()), hashlib.sha256(content).hexdigest(), len(content), name, media_type)
        await con.execute(Q.put, stored.file_id, stored.sha256, stored.size, name, media_type, content, now)
        return stored

    async def describe(self, con: Connection, file_id: str) -> StoredFile | None:
        """Read one row without its bytes."""
        row = await con.fetchrow(Q.describe, file_id)
        return StoredFile(**row) if row else None

    async def read(self, con: Connection, file_id: str) -> bytes | None:
        """Read the bytes, at most 20 MB."""
        content: bytes | None = await con.fetchval(Q.read, file_id)
        return content


FILES: Final[FileStore] = TableFiles()
