"""The packages of package-lock.json, whose hashes npm checks; installed under a temporary name, then renamed."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Literal

from deploy.local import node, progress
from deploy.local.once import once
from deploy.local.paths import DOWNLOADS, ROOT
from deploy.local.say import failure, say, sentence

Kind = Literal["web", "tests"]
ABOUT = {"web": 11, "tests": 183}  # megabytes, for the bar
QUIET = {"npm_config_audit": "false", "npm_config_fund": "false", "npm_config_update_notifier": "false"}


def key() -> str:
    """Changes with any pin."""
    return hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()[:12]


def provide(kind: Kind) -> Path:
    """The folder `node_modules` with what the pages need (`web`) or also what the browser tests need (`tests`)."""
    return once(DOWNLOADS / f"npm-{kind}-{key()}", lambda folder: install(folder, kind)) / "node_modules"


def install(folder: Path, kind: Kind) -> None:
    say("downloading_npm")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, folder)
    command = [*node.find().npm, "ci", "--ignore-scripts", *(["--omit=dev"] if kind == "web" else [])]
    with progress.growing(folder, ABOUT[kind]):
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, **QUIET}, capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise failure("npm", done.stderr)
    progress.end(sentence("says.downloaded_npm"))
