"""The virtual environment, made and kept up with the standard library alone (see bootstrap.py)."""

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import venv
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.local import progress
from deploy.local.paths import ROOT, STATE
from deploy.local.say import FULL, Trouble, explain, failure, say, sentence

VENV = STATE / "venv"
PYTHON = VENV / "bin" / "python"
WHOLE = VENV / "shipei-whole"  # holds the fingerprint of what is installed
BEGUN = VENV / "shipei-begun"  # there while pip works: what is left of a killed pip can't be trusted
REQUIREMENTS = ROOT / "requirements-dev.txt"
REASONS = {
    "pip_hash": r"DO NOT MATCH THE HASHES",
    "no_network": r"NewConnectionError|Max retries exceeded|name resolution|ConnectTimeout|ReadTimeout|ProxyError|"
    r"No matching distribution|Network is unreachable|Connection (refused|reset)|SSLError",
}


def main(arguments: list[str]) -> int:
    """Makes the environment if need be and becomes `python -m deploy.local`; 1 and a sentence when that can't be."""
    try:
        return start(arguments)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
    except OSError as error:
        print(explain(error), file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


def start(arguments: list[str]) -> int:
    command = arguments[0] if arguments else ""
    if command in {"down", "status", "clean"} and not PYTHON.exists():
        if command == "clean":
            shutil.rmtree(STATE, ignore_errors=True)
        say("nothing_runs")
        return 0
    if command == "clean":
        subprocess.run([PYTHON, "-m", "deploy.local", "clean"], cwd=ROOT, check=False)
        shutil.rmtree(STATE)
        return 0
    with alone():
        ensure()
    os.chdir(ROOT)
    return os.execv(PYTHON, [str(PYTHON), "-m", "deploy.local", *arguments])  # noqa: S606 - so that a Ctrl-C meets one process


@contextmanager
def alone() -> Iterator[None]:
    """One set-up at a time in a checkout."""
    STATE.mkdir(exist_ok=True)
    with (STATE / "setup.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fingerprint() -> str:
    """Changes with the requirements and with the Python that the environment is made from."""
    return hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode() + sys.base_prefix.encode()).hexdigest()


def ensure() -> None:
    if WHOLE.exists() and WHOLE.read_text() == fingerprint() and works():
        return
    if BEGUN.exists() or not works():
        make()
    WHOLE.unlink(missing_ok=True)
    BEGUN.touch()
    install()
    WHOLE.write_text(fingerprint())
    BEGUN.unlink()


def works() -> bool:
    """The environment's Python starts, is this version, and has pip."""
    check = "import sys, pip; sys.exit(sys.version_info[:2] != {})".format(sys.version_info[:2])  # noqa: UP032 - braces
    try:
        return subprocess.run([PYTHON, "-c", check], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def make() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        raise Trouble("no_venv", version=f"{sys.version_info.major}.{sys.version_info.minor}")
    say("making_venv", path=VENV)
    try:
        venv.EnvBuilder(clear=True, symlinks=True, with_pip=True).create(VENV)
    except subprocess.CalledProcessError as error:
        shutil.rmtree(VENV, ignore_errors=True)
        raise refused((error.output or b"").decode(errors="replace")) from error


def install() -> None:
    say("installing")
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "--no-input", "--disable-pip-version-check"]
    with subprocess.Popen(
        [*command, "-r", str(REQUIREMENTS)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as pip:
        output = follow(pip)
    if pip.returncode:
        raise refused(output)
    progress.end(sentence("says.installed"))


def follow(pip: "subprocess.Popen[str]") -> str:
    """Shows how far pip is, writes all it says to .shipei/setup.log, gives the end of it."""
    total = len(re.findall(r"^[A-Za-z0-9][^ ]*==", REQUIREMENTS.read_text(), re.MULTILINE))
    last: deque[str] = deque(maxlen=60)
    count = 0
    with (STATE / "setup.log").open("w") as log:
        for line in pip.stdout or ():
            log.write(line)
            last.append(line)
            count += line.startswith(("Collecting ", "Requirement already satisfied"))
            if label := doing(line):
                progress.bar(count, total * 1.1, f"{count}/{total} {label}")
    return "".join(last)


def doing(line: str) -> str | None:
    """What a line of pip's says that it does now."""
    if line.startswith("Installing collected"):
        return sentence("says.unpacking")
    found = re.match(r"\s*(?:Collecting|Downloading) (\S+?)(?:==\S*)?(?: (\([\d.]+ .B\)))?(?: \(from.*)?$", line)
    return f"{found[1].rsplit('/', 1)[-1].split('-')[0]} {found[2] or ''}" if found else None


def refused(output: str) -> Trouble:
    """The sentence for what pip or venv said."""
    for key, pattern in REASONS.items():
        if re.search(pattern, output) and not re.search(FULL, output):
            return Trouble(key)
    return failure("pip", output, log=STATE / "setup.log")
