"""Asks the bounded process to read rosters and to write notes into them."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from datetime import date
from pathlib import Path
from typing import Final

import msgspec
import structlog

from services.enrolment.rosters.domain import Sheet, Words
from services.enrolment.workbooks import service as workbooks
from services.enrolment.workbooks.service import Answer, Note, Request

log = structlog.get_logger()
ROOT: Final = Path(__file__).parents[3]


async def read(content: bytes, words: Words, today: date) -> Sheet:
    """Judge a workbook or a CSV file. A file that can't be read is a Sheet with a problem."""
    answer = await _ask(Request(act="read", content=content, words=words, today=today))
    return answer.sheet or Sheet(problem="roster-unreadable")


async def annotate(content: bytes, notes: list[Note], header_row: int, headings: list[str]) -> bytes | None:
    """The uploader's own workbook with faulty cells marked and a column of notes; None when it can't be written.

    A CSV file comes back as a workbook (why: ``workbooks.service``).
    """
    request = Request(act="annotate", content=content, notes=notes, header_row=header_row, headings=headings)
    return (await _ask(request)).content or None


async def grid(content: bytes) -> tuple[list[list[str]] | None, str | None]:
    """The texts of a workbook's first sheet or of a CSV file; without them, the problem that kept it from being read."""
    answer = await _ask(Request(act="grid", content=content))
    return answer.grid, answer.sheet.problem if answer.sheet else None


async def _ask(request: Request) -> Answer:
    """The process gets no environment, so none of the service's secrets stand in it beside the upload."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", workbooks.__name__, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, cwd=ROOT
    )
    output = b""
    try:
        output, _ = await asyncio.wait_for(process.communicate(msgspec.msgpack.encode(request)), workbooks.SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode == 0:
        return msgspec.msgpack.decode(output, type=Answer)
    log.warning("workbook process failed", act=request.act, size=len(request.content), code=process.returncode)
    return Answer(sheet=Sheet(problem="roster-unreadable" if process.returncode == 1 else "roster-too-large"))
