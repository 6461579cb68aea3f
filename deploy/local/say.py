"""What the terminal tells: sentences from texts.json, Chinese first, English beside it."""

import json
import re
import string
import sys
from functools import cache
from pathlib import Path

FULL = r"No space left on device|Disk quota exceeded|ENOSPC"


class Trouble(Exception):  # noqa: N818 - it is told to a person, as a sentence
    """Something that the person at the terminal can mend: a key of texts.json (part `troubles`) and its variables."""

    def __init__(self, key: str, **variables: object) -> None:
        super().__init__(sentence(f"troubles.{key}", **variables))
        self.key = key


def failure(key: str, output: str, **variables: object) -> Trouble:
    """What another program's failure comes to: a full disk where its output says so, else `key` with the output's end."""
    if re.search(FULL, output, re.IGNORECASE):
        return Trouble("disk_full")
    return Trouble(key, output=without_frames(output).strip()[-800:], **variables)


def without_frames(output: str) -> str:
    """A program's output with each Python traceback cut down to what the exception says."""
    return re.sub(r"Traceback \(most recent call last\):\n(?:[ \t].*\n)*", "", output)


@cache
def texts() -> dict[str, dict[str, dict[str, str]]]:
    loaded: dict[str, dict[str, dict[str, str]]] = json.loads(
        (Path(__file__).parent / "texts.json").read_text(encoding="utf-8")
    )
    return loaded


def sentence(key: str, **variables: object) -> str:
    """`part.name` -> 'Chinese / English' with the variables filled in."""
    part, name = key.split(".")
    text = texts()[part][name]
    return " / ".join(string.Template(text[language]).substitute(variables) for language in ("zh", "en"))


def say(key: str, **variables: object) -> None:
    print(sentence(f"says.{key}", **variables), file=sys.stderr, flush=True)
