"""Turns the services' JSON lines into lines that a person reads: time, program, level, message, the rest as key=value."""

import json
import sys
from datetime import datetime
from typing import Any

from deploy.local.say import sentence, without_frames

HIDDEN = {"timestamp", "level", "event", "service", "logger"}
COLOURS = {"warning": "33", "error": "31", "critical": "31;1"}


def readable(name: str, line: str) -> str:
    """One line for the terminal; what is no JSON object (a traceback, a library's print) stays as it is."""
    try:
        record = json.loads(line)
    except ValueError:
        return f"{'':8} {name:<10} {'':7} {line}"
    if not isinstance(record, dict):
        return f"{'':8} {name:<10} {'':7} {line}"
    rest = " ".join(f"{key}={_short(value)}" for key, value in record.items() if key not in HIDDEN)
    level = str(record.get("level", ""))
    return f"{_time(record.get('timestamp'))} {name:<10} {level:<7} {record.get('event', '')} {rest}".rstrip()


def coloured(name: str, line: str) -> str:
    shown = readable(name, line)
    colour = next((code for level, code in COLOURS.items() if f" {level} " in shown[:30]), None)
    return f"\033[{colour}m{shown}\033[0m" if colour and sys.stderr.isatty() else shown


def tail(name: str, words: str, lines: int = 12) -> str:
    """The last lines of a program's output as a person reads them."""
    return "\n".join(readable(name, line) for line in without_frames(words).splitlines()[-lines:])


def crash(code: int, pause: float) -> str:
    """The supervisor's own line about a program that ended by itself."""
    return sentence("says.crashed", code=code, pause=f"{pause:.0f}")


def _time(stamp: Any) -> str:
    try:
        return datetime.fromisoformat(stamp).astimezone().strftime("%H:%M:%S")
    except (TypeError, ValueError):
        return " " * 8


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) < 200 else text[:200] + "…"  # noqa: PLR2004 - a line stays a line
