"""Without an engine the check says what is missing, and nothing else happens."""

from pathlib import Path

import pytest

from deploy.containers.check import engine
from deploy.local.say import Trouble


def test_no_engine_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    with pytest.raises(Trouble, match="DOCKER_HOST"):
        engine.find()


def program(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize("new", ["2.38.2", "v2.38.2", "5.0.1", "10.0.0"])
def test_an_old_compose_is_refused_and_a_new_one_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, new: str
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    program(tmp_path, "docker", 'case "$1" in version) echo 28.0.1 ;; *) exit 1 ;; esac')
    program(tmp_path, "docker-compose", "echo 1.29.2")
    with pytest.raises(Trouble, match="version 2 or later"):
        engine.find()
    program(tmp_path, "docker-compose", f"echo {new}")
    found = engine.find()
    assert (found.compose, found.about) == (["docker-compose"], f"Docker 28.0.1, compose {new.lstrip('v')}")
