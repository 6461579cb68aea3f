"""`python -m deploy.local <command>`: what the Makefile calls once the virtual environment is there."""

import argparse
import os
import sys
from collections.abc import Callable

from deploy.local.say import Trouble, explain

Command = Callable[[argparse.Namespace], int]


def up(_: argparse.Namespace) -> int:
    from deploy.local.running import up as run

    return run()


def demo(_: argparse.Namespace) -> int:
    from deploy.local.running import demo as run

    once, crowd = (os.environ.get(name, "") not in {"", "0"} for name in ("ONCE", "CROWD"))
    return run(once=once, broken=os.environ.get("BREAK") or None, crowd=crowd)


def down(_: argparse.Namespace) -> int:
    from deploy.local.inspection import down as run

    return run()


def status(_: argparse.Namespace) -> int:
    from deploy.local.inspection import status as run

    return run()


def test(arguments: argparse.Namespace) -> int:
    from deploy.local.proving import test as run

    return run(arguments.rest)


def bench(arguments: argparse.Namespace) -> int:
    from deploy.local.proving import bench as run

    return run(arguments.rest)


def drill(_: argparse.Namespace) -> int:
    from deploy.operations.drill import run

    return run()


def servers(_: argparse.Namespace) -> int:
    from deploy.local.proving import servers_alone as run

    return run()


def check(_: argparse.Namespace) -> int:
    from deploy.local.checks import run

    return run()


def rules(_: argparse.Namespace) -> int:
    from deploy.local.checks import rules as run

    return run()


def compose_check(_: argparse.Namespace) -> int:
    from deploy.containers.check.run import run

    return run()


def clean(_: argparse.Namespace) -> int:
    from deploy.local.inspection import end_all as run

    return run()


COMMANDS: dict[str, Command] = {
    each.__name__: each
    for each in (up, down, status, demo, test, bench, drill, servers, compose_check, check, rules, clean)
}


def stay_on_this_machine() -> None:
    """A proxy of the environment is for downloads: our programs talk to each other directly."""
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1", "localhost")))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local")
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    stay_on_this_machine()
    try:
        return COMMANDS[arguments.command](arguments)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
    except OSError as error:
        print(explain(error), file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)  # type: ignore[union-attr]  # both are text streams
    sys.exit(main())
