"""What a container's program gets before it starts."""

import asyncio
import stat
from pathlib import Path
from typing import Any

import pytest

from deploy.containers import environment, health, replica, steps
from deploy.containers.__main__ import STEPS
from deploy.containers.environment import from_files, key_set, refuse_open_login
from deploy.gateway.settings import Settings as GatewaySettings
from deploy.local.paths import SERVICES
from deploy.local.say import Trouble
from tests.support.served import served


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("master", "admin", "all", "gateway", "sink", *SERVICES):
        (tmp_path / name).mkdir()
    steps.distribute(tmp_path)
    return tmp_path


def test_keys_stay_what_they_are_and_are_no_defaults(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A second start hands out the same, another installation has others."""
    first = steps.parts(folder / "master")
    assert steps.parts(folder / "master") == first
    other = steps.parts(tmp_path_factory.mktemp("other"))
    assert not {name for name in first if first[name] == other[name]}


def test_a_part_reads_its_settings_from_the_folders_that_it_sees(folder: Path) -> None:
    assert {"SHIPEI_SEAL_KEY", "SHIPEI_DSN_WRITER", "SHIPEI_SERVICE_TOKEN"} <= set(from_files(folder))
    handed_out = [f for f in folder.glob("*/*") if f.is_file()]
    assert {stat.S_IMODE(f.stat().st_mode) for f in handed_out} == {0o444}
    assert len({f.read_text() for f in folder.glob("*/SHIPEI_DSN_*")}) == 2 * len(SERVICES)
    assert not [f for f in folder.glob("*/SHIPEI_DSN_*") if "_owner" in f.read_text()]


@pytest.mark.parametrize(
    ("file", "setting"), [("service-token", "all/SHIPEI_SERVICE_TOKEN"), ("receipts-key", "notify/SHIPEI_RECEIPTS_KEY")]
)
def test_a_replaced_secret_is_handed_out_beside_the_new_one_until_it_is_taken_away(
    folder: Path, file: str, setting: str
) -> None:
    """As docs/operations/keys.md says: put aside, handed out again, then removed and handed out once more."""
    first, present, aside = (folder / setting).read_text(), folder / "master/keys" / file, f"{file}-old"
    present.rename(present.with_name(aside))
    steps.distribute(folder)
    assert (folder / f"{setting}_OLD").read_text() == first != (folder / setting).read_text()
    assert from_files(folder)[Path(f"{setting}_OLD").name] == first
    new = (folder / setting).read_text()
    present.with_name(aside).unlink()
    steps.distribute(folder)
    assert not (folder / f"{setting}_OLD").exists()
    assert (folder / setting).read_text() == new


def test_a_given_setting_wins_over_a_file(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(environment, "KEYS", folder)
    monkeypatch.setenv("SHIPEI_SERVICE_TOKEN", "given")
    monkeypatch.setenv("SHIPEI_REPLICA", "7")
    found = environment.prepared("enrolment")
    assert (found["SHIPEI_SERVICE_TOKEN"], found["SHIPEI_REPLICA"]) == ("given", "7")
    assert found["SHIPEI_JWKS"] == str(folder / "all" / "jwks.json")


def test_the_sign_in_provider_s_keys_win_where_they_are_mounted(folder: Path) -> None:
    """Compose mounts an empty file when no provider is named."""
    provider = folder / "provider.json"
    provider.write_text("")
    assert key_set(folder) == folder / "all" / "jwks.json"
    provider.write_text('{"keys": []}')
    assert key_set(folder) == provider


@pytest.mark.parametrize("word", ["true", "1", "y", "t", "On"])
@pytest.mark.parametrize(
    "given",
    [
        {"SHIPEI_ADDRESS": "0.0.0.0"},
        {"SHIPEI_ADDRESS": "10.0.0.7"},
        {"SHIPEI_ADDRESS": "::"},
        {"SHIPEI_ADDRESS": "training.example"},
        {"SHIPEI_ADDRESS": "127.0.0.1", "SHIPEI_GATEWAY_URL": "https://training.example"},  # a proxy stands before it
        {"SHIPEI_ADDRESS": "127.0.0.1", "SHIPEI_GATEWAY_URL": "training.example"},
    ],
)
def test_no_development_login_beyond_this_machine(
    given: dict[str, str], word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIPEI_DEVELOPMENT_LOGIN", word)
    assert GatewaySettings(port=1, routes={}).development_login, "a word that the gateway takes for yes"
    with pytest.raises(Trouble, match="SHIPEI_JWKS_FILE"):
        refuse_open_login({**given, "SHIPEI_DEVELOPMENT_LOGIN": word})
    refuse_open_login({**given, "SHIPEI_DEVELOPMENT_LOGIN": "false"})
    refuse_open_login(given)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_the_development_login_is_for_this_machine_by_each_of_its_names(host: str) -> None:
    here = {"SHIPEI_ADDRESS": host, "SHIPEI_GATEWAY_URL": f"http://{host}:8080", "SHIPEI_DEVELOPMENT_LOGIN": "true"}
    refuse_open_login(here)


@pytest.mark.parametrize(
    ("container", "number"),
    [
        ("shipei-notify-2.shipei_default", "2"),
        ("shipei_notify_12", "12"),
        ("quiet_turing.bridge", None),
        ("", None),
    ],
)
def test_a_replica_is_known_by_the_number_in_its_name(container: str, number: str | None) -> None:
    assert replica.number(container) == number


@pytest.mark.parametrize(
    ("command_line", "asked"),
    [
        ("services.notify", "/notify/readyz"),
        ("deploy.sink", "/sink/readyz"),
        ("deploy.gateway", "/readyz"),
        ("deploy.containers notify", "/notify/readyz"),
        ("deploy.containers gateway", "/readyz"),
        ("deploy.containers migrate", None),
    ],
)
def test_each_program_is_asked_where_it_answers_also_before_it_has_begun(command_line: str, asked: str | None) -> None:
    words = ["/opt/venv/bin/python3", "-m", *command_line.split(), ""]
    assert health.path("\0".join(words).encode()) == asked


def test_every_step_is_one_of_the_image_s_commands() -> None:
    assert set(health.STEPS) == set(STEPS)


async def test_a_program_that_is_not_ready_is_not_well() -> None:
    async def busy(scope: Any, receive: Any, send: Any) -> None:
        status = 200 if scope["path"] == "/notify/readyz" else 503
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with served(busy) as origin:
        port = int(origin.rpartition(":")[2])
        assert await asyncio.to_thread(health.ready, port, "/notify/readyz")
        assert not await asyncio.to_thread(health.ready, port, "/sink/readyz")
    assert not await asyncio.to_thread(health.ready, port, "/notify/readyz")
