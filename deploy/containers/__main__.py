"""``python -m deploy.containers <command>``: what a container of the image does.

A program (a service, gateway, sink) gets its settings and then takes this process over, so that it hears the engine's
signals itself; what follows the name goes to it (``notify parked``). A step (keys, migrate, topics) ends.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from deploy.containers import environment, steps
from deploy.local.paths import SERVICES
from deploy.local.say import Trouble

PROGRAMS = {**{name: f"services.{name}" for name in SERVICES}, "gateway": "deploy.gateway", "sink": "deploy.sink"}
STEPS: dict[str, Callable[[], None]] = {"keys": steps.keys, "migrate": steps.migrate, "topics": steps.topics}


def main(arguments: list[str]) -> int:
    """Do what the command says; 1 and a sentence when that can't be."""
    parser = argparse.ArgumentParser(prog="python -m deploy.containers")
    parser.add_argument("command", choices=[*PROGRAMS, *STEPS])
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    wanted = parser.parse_args(arguments)
    try:
        os.environ.update(environment.prepared(wanted.command))
        if wanted.command in PROGRAMS:
            become(PROGRAMS[wanted.command], wanted.rest)
        STEPS[wanted.command]()
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


def become(module: str, arguments: Sequence[str]) -> NoReturn:
    """Go on as another program, in this process."""
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606 - no shell


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
