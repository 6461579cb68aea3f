"""Kafka's jars, as jgo.lock.toml pins them. jgo itself does not check the lock's hashes, so they are checked here, at every start."""

import hashlib
import os
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.local import progress
from deploy.local.environment import alone
from deploy.local.paths import DOWNLOADS
from deploy.local.say import Trouble, failure, say, sentence

LOCK = Path(__file__).parent / "jgo.lock.toml"


@dataclass(frozen=True)
class Jar:
    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        return f"{self.artifact}-{self.version}.jar"


def locked(lock: Path = LOCK) -> list[Jar]:
    entries = tomllib.loads(lock.read_text())["dependencies"]
    return [Jar(e["groupId"], e["artifactId"], e["version"], e["sha256"]) for e in entries]


def digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def sound(folder: Path, jar: Jar) -> bool:
    file = folder / jar.file
    return file.is_file() and digest(file) == jar.sha256


def fetch(jar: Jar, folder: Path) -> Jar:
    """Downloads one jar under a temporary name, checks it, gives it its name. Raises Trouble on a wrong hash or no network."""
    from jgo.maven import MavenContext
    from requests import RequestException

    mirror = os.environ.get("SHIPEI_MAVEN_REPOSITORY")
    with tempfile.TemporaryDirectory(dir=folder, prefix=".half-") as half:
        context = MavenContext(repo_cache=Path(half), remote_repos={"central": mirror} if mirror else None, timeout=60)
        artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
        try:
            got = Path(artifact.resolve())
        except (RequestException, RuntimeError, ValueError) as error:
            raise failure("download", str(error), what=jar.file, error=error) from error
        if digest(got) != jar.sha256:
            raise Trouble("wrong_hash", what=jar.file)
        got.replace(folder / jar.file)
    return jar


def provide(lock: Path = LOCK, folder: Path = DOWNLOADS / "kafka") -> list[Path]:
    """The jars of the class path, all of them checked; missing or damaged ones are downloaded again."""
    jars = locked(lock)
    with alone():
        folder.mkdir(parents=True, exist_ok=True)
        for half in folder.glob(".half-*"):
            shutil.rmtree(half, ignore_errors=True)
        if missing := [jar for jar in jars if not sound(folder, jar)]:
            say("downloading_jars", count=len(missing))
            with ThreadPoolExecutor(4) as pool:
                show(pool.map(lambda jar: fetch(jar, folder), missing), len(missing))
    return [folder / jar.file for jar in jars]


def show(done: Iterator[Jar], total: int) -> None:
    for count, jar in enumerate(done, 1):
        progress.bar(count, total, f"{count}/{total} {jar.file}")
    progress.end(sentence("says.downloaded", count=total))
