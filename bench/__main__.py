"""``python -m bench [suite …]``: measures, prints one table, leaves ``.shipei/bench.json``. ``make bench`` calls it.

Goals that are missed are told in the table; the exit code is 1 only if a suite could not be measured.
"""

import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

import uvloop

from bench.measure import Findings
from bench.quietly import quiet
from bench.report import keep, load, machine, say, show
from bench.world import World, connected, make_world

SUITES = ("relay", "consumer", "latency", "reminders", "roster", "memory")


async def main(suites: Sequence[str]) -> int:
    """Run the suites one after the other."""
    quiet()
    before = load()
    findings: dict[str, Findings] = {}
    failures: dict[str, str] = {}
    async with make_world() as world:
        async with connected(world.admin) as con:
            version = await con.fetchval("show server_version")
        for suite in suites:
            await _measure(suite, world, findings, failures)
    about = machine(version, before)
    keep(findings, about, failures)
    show(findings, about)
    for suite, error in failures.items():
        print(say("failed", suite=suite, error=error), file=sys.stderr)
    return 1 if failures else 0


async def _measure(suite: str, world: World, findings: dict[str, Findings], failures: dict[str, str]) -> None:
    """One suite; its failure does not keep the others from being measured."""
    print(say("running", suite=suite), file=sys.stderr, flush=True)
    try:
        findings[suite] = await import_module(f"bench.{suite}").run(world)
    except Exception as error:  # noqa: BLE001  (told below, and by the exit code)
        traceback.print_exc()
        failures[suite] = f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    asked = sys.argv[1:] or SUITES
    for suite in set(asked) - set(SUITES):
        sys.exit(say("unknown", suite=suite, suites=", ".join(SUITES)))
    if not {"SHIPEI_POSTGRES", "SHIPEI_KAFKA"} <= set(os.environ):
        sys.exit(say("servers"))
    sys.exit(uvloop.run(main(asked)))
