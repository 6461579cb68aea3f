"""One stack of the check: brought up, looked at, taken down, all through the engine's command lines."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.containers.check.engine import Engine, answers, docker, told
from deploy.local.paths import ROOT
from deploy.local.say import Trouble

PROJECT: Final = "shipei-check"
FILES: Final = ("docker-compose.yml", "deploy/containers/check.yml")
HEALTH: Final = ("python3", "-S", "-m", "deploy.containers.health")
PATIENCE: Final = 600.0  # s; the machine may have other work
BETWEEN_LOOKS: Final = 0.5  # s
KINDS: Final = ("container", "volume", "network")


@dataclass(frozen=True)
class Stack:
    """`settings` are those of the compose file, `logs` is the folder in which the containers' output is collected."""

    engine: Engine
    settings: Mapping[str, str]
    logs: Path

    def command(self, *arguments: str) -> list[str]:
        """A compose command for this stack."""
        files = [word for file in FILES for word in ("--file", file)]
        return [*self.engine.compose, "--project-directory", str(ROOT), *files, "--profile", "dev", *arguments]

    def up(self, *arguments: str) -> float:
        """Start what does not run; how long until the gateway was ready, in seconds."""
        begun = time.monotonic()
        told(self.command("up", "--detach", "--quiet-pull", *arguments), self.settings)
        until_ready("gateway", self.containers("gateway")[0])
        return time.monotonic() - begun

    def down(self, *arguments: str) -> None:
        """Stop and remove the containers and the network; volumes only with ``--volumes``."""
        told(self.command("--profile", "player", "down", "--remove-orphans", *arguments), self.settings)

    @contextmanager
    def followed(self) -> Iterator[None]:
        """While it lasts, the containers' output goes to the folder of the logs."""
        command = self.command("logs", "--follow", "--no-color")
        with (self.logs / "stack.log").open("ab") as log:
            reader = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **self.settings})
        try:
            yield
        finally:
            reader.terminate()
            reader.wait()

    def remember(self) -> None:
        """What the containers said, before they go."""
        with (self.logs / "failed.log").open("w") as log:
            command = self.command("logs", "--no-color")
            subprocess.run(command, stdout=log, stderr=log, env={**os.environ, **self.settings}, check=False)

    def containers(self, service: str) -> list[str]:
        """The names of a service's containers, by number."""
        return sorted(docker("ps", *of_project(), "--filter", f"label=com.docker.compose.service={service}",
                             "--format", "{{.Names}}").split())  # fmt: skip

    def play(self, what: str) -> "subprocess.Popen[str]":
        """The player, at work in a container called ``<project>-player``."""
        command = self.command("run", "--rm", "--no-TTY", "--name", f"{PROJECT}-player", "player", what)
        return subprocess.Popen(command, env={**os.environ, **self.settings}, stdout=subprocess.PIPE, text=True)


def of_project() -> tuple[str, str]:
    """The filter for everything that compose made for the check."""
    return "--filter", f"label=com.docker.compose.project={PROJECT}"


def left() -> list[str]:
    """What the engine still has of the check: containers, volumes, networks."""
    return [f"{kind} {name}" for kind in KINDS for name in listed(kind)]


def listed(kind: str) -> list[str]:
    """The check's objects of one kind."""
    command = (
        ["ps", "--all", "--format", "{{.Names}}"] if kind == "container" else [kind, "ls", "--format", "{{.Name}}"]
    )
    return docker(*command, *of_project()).split()


def until_ready(service: str, container: str) -> float:
    """Wait until a container can do its work; how long that took, in seconds. Raises Trouble when it takes too long."""
    begun = time.monotonic()
    while not is_ready(service, container):
        if time.monotonic() > begun + PATIENCE:
            raise Trouble("container_unready", name=container, output=docker("logs", "--tail", "20", container))
        time.sleep(BETWEEN_LOOKS)  # readiness is told to whoever asks, there is nothing to wait for
    return time.monotonic() - begun


def is_ready(service: str, container: str) -> bool:
    """What the health check says: asked for now in our own containers, as the engine last heard it of the servers."""
    if service in {"postgres", "kafka"}:
        return docker("inspect", "--format", "{{.State.Health.Status}}", container) == "healthy"
    return answers("exec", container, *HEALTH)


def replica(container: str) -> str:
    """The number under which a service's process is known to its consumer group."""
    environment = docker("exec", container, "cat", "/proc/1/environ").split("\0")
    return dict(line.split("=", 1) for line in environment if "=" in line)["SHIPEI_REPLICA"]
