"""`test`, `bench` and `servers`: programs that need the servers, but bring up the rest themselves."""

import asyncio
import os
import sys
from pathlib import Path

from deploy.local import assets, browser, servers
from deploy.local.child import COMPILED, python
from deploy.local.interrupt import interruptible, until_told
from deploy.local.paths import ROOT
from deploy.local.runs import claim_any
from deploy.local.say import say

TOGETHER = (
    "-n",
    "3",  # on two cores: one of them mostly waits
    "--dist",
    "loadfile",
    "--no-loadscope-reorder",
)  # by file, in the order of tests/support/sharing.py


def test(arguments: list[str]) -> int:
    """Runs pytest in three processes with servers, web files and a browser provided; its own summary is the last thing said."""
    assets.provide()
    browser.provide()
    return _with_servers("test", (*python("-m", "pytest"), *TOGETHER, *arguments), durable=False, SHIPEI_NO_SKIPS="1")


def bench(arguments: list[str]) -> int:
    return _with_servers("bench", (*python("-m", "bench"), *arguments), durable=True)


def servers_alone() -> int:
    """PostgreSQL and Kafka for a developer's own runs: prints the lines to paste, stays until it is stopped."""
    return _with_servers("servers", (), durable=True)


def _with_servers(name: str, command: tuple[str, ...], *, durable: bool, **environment: str) -> int:
    with claim_any(name) as folder:
        return interruptible(_run(folder, servers.prepare(), command, environment, durable=durable))


async def _run(
    folder: Path, kafka: list[str], command: tuple[str, ...], environment: dict[str, str], *, durable: bool
) -> int:
    async with servers.provide(folder, kafka, durable=durable) as provided:
        addresses = {"SHIPEI_POSTGRES": provided.postgres, "SHIPEI_KAFKA": provided.kafka, "SHIPEI_SERVERS": ""}
        if not command:
            print("".join(f"export {key}='{value}'\n" for key, value in addresses.items() if value), end="", flush=True)
            await until_told(provided.one_failed())
            return 0
        return await _child(command, {**addresses, **environment})


async def _child(command: tuple[str, ...], environment: dict[str, str]) -> int:
    """Runs in the terminal's own group, so that a Ctrl-C reaches it as well; waits for it to end in order."""
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env={**os.environ, **COMPILED, **environment})
    try:
        return await process.wait()
    except asyncio.CancelledError:
        say("waiting")
        if process.returncode is None and not sys.stdin.isatty():
            process.terminate()
        await process.wait()
        raise
