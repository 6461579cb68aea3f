"""`make check`: the one list of commands that must say yes before anything is handed in."""

import os
import subprocess

from deploy.local.child import python
from deploy.local.paths import ROOT
from deploy.local.say import say

COMMANDS: dict[str, tuple[str, ...]] = {
    "ruff check": python("-m", "ruff", "check", "."),
    "ruff format": python("-m", "ruff", "format", "--check", "."),
    "mypy": python("-m", "mypy", "."),
    "import contracts": python("-c", "from importlinter.cli import lint_imports_command as main; main()"),
    "generated documents": python("-m", "docs.generate", "--check"),
}


def run() -> int:
    """Runs them all, tells which said no; 0 only if none did."""
    failed = [name for name, command in COMMANDS.items() if not _holds(name, command)]
    say("checks_failed", names=", ".join(failed)) if failed else say("checks_hold", count=len(COMMANDS))
    return 1 if failed else 0


def _holds(name: str, command: tuple[str, ...]) -> bool:
    print(f"── {name}", flush=True)
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False).returncode == 0


def rules() -> int:
    """The rules that the project covers, each with its test."""
    return subprocess.run(python("-m", "docs.rules"), cwd=ROOT, check=False).returncode
