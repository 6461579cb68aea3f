"""What the terminal tells: sentences from texts.json, Chinese first, English beside it."""

import errno
import json
import re
import string
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

SQL_FULL = "53100"  # PostgreSQL's disk_full
FULL = r"No space left on device|Disk quota exceeded|ENOSPC"


class Trouble(Exception):  # noqa: N818 - it is told to a person, as a sentence
    """Something that the person at the terminal can mend: a key of texts.json (part `troubles`) and its variables."""

    def __init__(self, key: str, **variables: object) -> None:
        super().__init__(sentence(f"troubles.{key}", **variables))
        self.key = key


def failure(key: str, output: str, **variables: object) -> Trouble:
    """What another program's failure comes to: a full disk where its output says so, else `key` with the output's end."""
    if says_full(output):
        return Trouble("disk_full")
    return Trouble(key, output=without_frames(output).strip()[-800:], **variables)


def is_full(error: BaseException) -> bool:
    """Whether a full disk is what an exception tells of: the system's own, or a server's or a copy's with its words."""
    said = {getattr(error, "errno", None), getattr(error, "sqlstate", None)}
    return bool(said & {errno.ENOSPC, errno.EDQUOT, SQL_FULL}) or says_full(str(error))


def says_full(output: str) -> bool:
    """Whether a program's output tells of a full disk."""
    return bool(re.search(FULL, output, re.IGNORECASE))


def explain(error: OSError) -> str:
    """The sentence for what the operating system refused."""
    if is_full(error):
        return sentence("troubles.disk_full")
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return sentence("troubles.no_right", what=error.filename or "?")
    return sentence("troubles.other", error=error)


@cache
def tell_once(told: str) -> None:
    """Prints a sentence, however often and from whichever thread it is asked for; a terminal that takes none is no reason to stop."""
    with suppress(OSError):
        print(told, file=sys.stderr, flush=True)


@contextmanager
def going_on() -> Iterator[None]:
    """For what a running system can do without: when the disk refuses it that is told once, and the work goes on."""
    try:
        yield
    except OSError as error:
        tell_once(explain(error))


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
