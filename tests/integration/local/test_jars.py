"""Kafka's jars against a repository of the test's own, served over HTTP."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.local import assets, jars
from deploy.local.paths import ROOT
from deploy.local.say import Trouble

CONTENT = b"a jar"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        pass


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of one artifact of a Maven repository that `provide` asks."""
    root = tmp_path / "repository"
    place = root / "org" / "example" / "thing" / "1.0"
    place.mkdir(parents=True)
    (place / "thing-1.0.jar").write_bytes(CONTENT)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        monkeypatch.setenv("SHIPEI_MAVEN_REPOSITORY", f"http://127.0.0.1:{server.server_port}")
        yield place
        server.shutdown()
        thread.join()


def lock(folder: Path, content: bytes) -> Path:
    file = folder / "jgo.lock.toml"
    pin = hashlib.sha256(content).hexdigest()
    file.write_text(
        f'[[dependencies]]\ngroupId = "org.example"\nartifactId = "thing"\nversion = "1.0"\nsha256 = "{pin}"\n'
    )
    return file


def test_a_jar_with_another_hash_is_refused_and_not_kept(repository: Path, tmp_path: Path) -> None:
    target = tmp_path / "jars"
    with pytest.raises(Trouble, match=r"thing-1\.0\.jar does not have the pinned hash"):
        jars.provide(lock(tmp_path, b"what was pinned"), target)
    assert list(target.iterdir()) == []


def test_a_pinned_jar_is_fetched_once(repository: Path, tmp_path: Path) -> None:
    pins, target = lock(tmp_path, CONTENT), tmp_path / "jars"
    (got,) = jars.provide(pins, target)
    (repository / "thing-1.0.jar").unlink()
    assert jars.provide(pins, target) == [got]
    assert got.read_bytes() == CONTENT


def test_a_damaged_jar_and_a_half_one_are_replaced(repository: Path, tmp_path: Path) -> None:
    target = tmp_path / "jars"
    (target / ".half-killed").mkdir(parents=True)
    (target / "thing-1.0.jar").write_bytes(CONTENT[:3])
    (got,) = jars.provide(lock(tmp_path, CONTENT), target)
    assert got.read_bytes() == CONTENT
    assert list(target.iterdir()) == [got]


def test_without_network_the_sentence_names_the_jar(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIPEI_MAVEN_REPOSITORY", "http://127.0.0.1:9")
    with pytest.raises(Trouble, match=r"Downloading thing-1\.0\.jar failed. Check the network or proxy"):
        jars.provide(lock(tmp_path, CONTENT), tmp_path / "jars")


def test_every_pin_of_the_project_has_a_hash_and_no_address() -> None:
    assert len(jars.locked()) == 46
    assert all(len(jar.sha256) == 64 for jar in jars.locked())
    assert "://" not in jars.LOCK.read_text()


def test_the_web_packages_are_pinned_by_hash_and_without_address() -> None:
    text = (ROOT / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    assert "://" not in text
    assert all(package["integrity"].startswith("sha512-") for name, package in packages.items() if name)


def test_no_file_is_fetched_for_the_pages_that_none_of_them_loads() -> None:
    pages = "".join(f.read_text() for top in ("shared", "services", "deploy") for f in (ROOT / top).rglob("*.html"))
    loaded = set(re.findall(r"asset\([\"']((?!shipei/)[^\"']+)", pages))
    assert {name for name in assets.FILES if not name.endswith("/LICENSE")} == loaded
    packages = {origin.split("/")[0] for origin in assets.FILES.values()}
    assert packages == set(json.loads((ROOT / "package.json").read_text())["dependencies"])
