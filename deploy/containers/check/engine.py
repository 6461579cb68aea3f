"""The container engine, by its command lines: `docker`, and compose of version 2 or later."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deploy.local.say import Trouble, failure


@dataclass(frozen=True)
class Engine:
    """`compose` is the command's beginning, `about` says which engine and which compose answered."""

    compose: Sequence[str]
    about: str


def find() -> Engine:
    """The engine that DOCKER_HOST or the machine gives. Raises Trouble when there is none, or no compose of version 2 or later."""
    asked = subprocess.run(
        ["docker", "version", "--format", "{{.Server.Version}}"], capture_output=True, text=True, check=False
    ) if shutil.which("docker") else None  # fmt: skip
    if asked is None or asked.returncode:
        raise Trouble("no_engine")
    for command in (["docker", "compose"], ["docker-compose"]):
        version = compose_version(command)
        if version and not version.startswith("1."):
            return Engine(command, f"Docker {asked.stdout.strip()}, compose {version}")
    raise Trouble("no_compose")


def compose_version(command: Sequence[str]) -> str:
    """What `compose version` tells, as in 2.38.2; empty when there is no such command."""
    if shutil.which(command[0]) is None:
        return ""
    told = subprocess.run([*command, "version", "--short"], capture_output=True, text=True, check=False).stdout
    return told.strip().lstrip("v")


def docker(*arguments: str) -> str:
    """Output of a docker command. Raises Trouble with its words when it fails."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise failure("engine_refused", done.stderr, command=" ".join(arguments[:2]))
    return done.stdout.strip()


def answers(*arguments: str) -> bool:
    """Whether a docker command succeeds."""
    return subprocess.run(["docker", *arguments], capture_output=True, check=False).returncode == 0


def told(command: Sequence[str], settings: Mapping[str, str]) -> None:
    """Run a command that tells of itself in the terminal. Raises Trouble when it fails."""
    if subprocess.run(command, env={**os.environ, **settings}, check=False).returncode:
        raise Trouble("engine_refused", command=" ".join(command[:6]), output="")
