"""Image, compose file and example settings, read as data: what they name exists in the code."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from pydantic_settings import BaseSettings

from deploy.containers import __main__ as image
from deploy.containers import health, steps
from deploy.containers.__main__ import PROGRAMS, STEPS
from deploy.containers.check import bases
from deploy.containers.environment import KEYS
from deploy.gateway.settings import Settings as GatewaySettings
from deploy.local.paths import SERVICES
from deploy.sink.settings import Settings as SinkSettings
from services.blacklist.app import SERVICE as BLACKLIST
from services.enrolment.app import SERVICE as ENROLMENT
from services.notify.app import SERVICE as NOTIFY
from services.reporting.app import SERVICE as REPORTING
from tests.support.manifests import FOLDER, connections, secret_files

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = msgspec.yaml.decode(TEXT)
PARTS: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "deploy/containers/Dockerfile").read_text()
SETTINGS: dict[str, type[BaseSettings]] = {
    **{s.name: s.settings for s in (ENROLMENT, NOTIFY, BLACKLIST, REPORTING)},
    "gateway": GatewaySettings,
    "sink": SinkSettings,
}
OURS = {name: part for name, part in PARTS.items() if "shipei:latest" in part["image"]}
FOR_THE_ENTRYPOINT = {"SHIPEI_ADDRESS", "SHIPEI_POSTGRES", "SHIPEI_KAFKA"}


def known(program: str) -> set[str]:
    return {f"SHIPEI_{field.upper()}" for field in SETTINGS[program].model_fields}


def given(program: str, tmp_path: Path) -> set[str]:
    """Every setting that a container of the program gets: the image's, compose's, and those of its key folders."""
    by_image = set(re.findall(r"\b(SHIPEI_\w+)=", DOCKERFILE))
    mounted = {v.split(":")[1].rpartition("/")[2] for v in PARTS[program]["volumes"] if v.startswith("keys-")}
    files = [Path(name) for name in steps.parts(tmp_path)]
    by_files = {f.name for f in files if f.parent.name in mounted and f.name.startswith("SHIPEI_")}
    return by_image | set(PARTS[program]["environment"]) | by_files | {"SHIPEI_JWKS"}


def test_each_command_is_one_of_the_image_s() -> None:
    commands = {name: part["command"] for name, part in OURS.items()}
    assert commands == {name: [name] for name in (*PROGRAMS, *STEPS)}


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_setting_that_is_given_exists_and_every_needed_one_is_given(program: str, tmp_path: Path) -> None:
    needed = {f"SHIPEI_{n.upper()}" for n, field in SETTINGS[program].model_fields.items() if field.is_required()}
    assert needed <= given(program, tmp_path)
    for_all = {"SHIPEI_ASSETS", "SHIPEI_GATEWAY_URL", "SHIPEI_JWKS", "SHIPEI_ISSUER"}
    assert given(program, tmp_path) <= known(program) | FOR_THE_ENTRYPOINT | for_all


def test_the_addresses_between_containers_are_those_of_parts_and_the_image_s_port() -> None:
    port = re.search(r"SHIPEI_PORT=(\d+)", DOCKERFILE)
    assert port
    assert f"EXPOSE {port[1]}" in DOCKERFILE
    addresses = re.findall(r"(?:http|PLAINTEXT)://(\w+):(\d+)|:-(\w+):(\d+)\}|\"(kafka):(\d+)\"", TEXT)
    found = {next((h, p) for h, p in zip(a[::2], a[1::2], strict=True) if h) for a in addresses}
    assert {host for host, _ in found} <= set(PARTS)
    assert {p for host, p in found if host in OURS} == {port[1]}
    asked = {
        name: part["environment"].get("SHIPEI_GATEWAY_URL", "") for name, part in PARTS.items() if name in SERVICES
    }
    within = f"http://gateway:{port[1]}"  # loopback would be the asking container itself
    public = "${SHIPEI_GATEWAY_URL:-}"  # goes into QR codes
    assert asked == {"enrolment": public, "notify": within, "blacklist": within, "reporting": ""}


def test_each_address_leads_to_the_part_that_it_names() -> None:
    """What a service finds under another's address would be a page of the wrong one, or nothing."""
    gateway, notify = PARTS["gateway"]["environment"], PARTS["notify"]["environment"]
    assert json.loads(gateway["SHIPEI_ROUTES"]) == {name: f"http://{name}:8000" for name in (*SERVICES, "sink")}
    assert notify["SHIPEI_ENROLMENT_URL"] == "http://enrolment:8000"
    published = PARTS["gateway"]["ports"][0].removesuffix(":${SHIPEI_GATEWAY_PORT:-8080}:8000")
    assert gateway["SHIPEI_ADDRESS"] == published, "by it the development login is refused beyond this machine"


def test_volumes_are_mounted_where_programs_look_for_them() -> None:
    """What is kept elsewhere is gone with its container."""
    mounts = {(name, *str(v).split(":")[:2]) for name, part in PARTS.items() for v in part.get("volumes", [])
              if re.match(r"[a-z]", str(v))}  # fmt: skip
    kept = {
        ("postgres", "postgres", "/var/lib/postgresql"),
        ("kafka", "kafka", PARTS["kafka"]["environment"]["KAFKA_LOG_DIRS"]),
        ("sink", "sink", str(Path(PARTS["sink"]["environment"]["SHIPEI_SINK_FILE"]).parent)),
        ("keys", "accounts", str(steps.ACCOUNTS.parent)),
        ("gateway", "accounts", str(Path(PARTS["gateway"]["environment"]["SHIPEI_ACCOUNTS"]).parent)),
        ("prometheus", "prometheus", "/prometheus"),
        ("grafana", "grafana", "/var/lib/grafana"),
    }
    keys = {mount for mount in mounts if mount[1].startswith("keys")}
    assert mounts - keys == kept
    assert {path for _, volume, path in keys if volume == "keys"} == {f"{KEYS}/master"}
    assert not [m for m in keys if m[1] != "keys" and m[2] != f"{KEYS}/{m[1].removeprefix('keys-')}"]


def test_the_image_starts_and_asks_modules_that_there_are() -> None:
    started = {
        step: json.loads(re.findall(rf"^{step}.*?(\[.*\])$", DOCKERFILE, re.MULTILINE)[0])
        for step in ("ENTRYPOINT", "HEALTHCHECK")
    }
    assert {step: words[-1] for step, words in started.items()} == {
        "ENTRYPOINT": image.__name__.removesuffix(".__main__"),
        "HEALTHCHECK": health.__name__,
    }
    assert {words[-2] for words in started.values()} == {"-m"}


def test_every_volume_of_keys_reaches_only_those_it_is_for(tmp_path: Path) -> None:
    """Names, ID numbers and the administrator's password are behind keys: nobody gets another's."""
    folders = {Path(name).parent.name for name in steps.parts(tmp_path)}
    assert {f"keys-{folder}" for folder in folders} | {"keys"} == {v for v in COMPOSE["volumes"] if "keys" in v}
    for name, part in PARTS.items():
        mounted = {str(v).partition(":")[0] for v in part.get("volumes", []) if str(v).startswith("keys")}
        allowed = {"keys": {v for v in COMPOSE["volumes"] if "keys" in v},
                   "postgres": {"keys-admin"}, "migrate": {"keys-admin"}}.get(name, {"keys-all", f"keys-{name}"})  # fmt: skip
        assert mounted <= allowed, name


def test_what_runs_here_is_closed() -> None:
    """Read-only, without rights, as nobody in particular; servers are not published, pages on this machine alone."""
    for name, part in OURS.items():
        assert part["read_only"] is True, name
        assert part["cap_drop"] == ["ALL"], name
    assert re.search(r"^USER (?!0|root)", DOCKERFILE, re.MULTILINE)
    assert "HEALTHCHECK" in DOCKERFILE
    published = {name: part["ports"] for name, part in PARTS.items() if "ports" in part}
    assert set(published) == {"gateway", "mailpit", "prometheus", "grafana"}
    assert published.pop("gateway")[0].startswith("${SHIPEI_ADDRESS:-127.0.0.1}:")
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_no_password_stands_in_the_files() -> None:
    words = re.compile(r"(password|secret|token)\w*\s*[:=]\s*[\"']?(?!/keys/)[a-z0-9]", re.IGNORECASE)
    for name in ("docker-compose.yml", ".env.example", "deploy/containers/Dockerfile"):
        lines = [line for line in (ROOT / name).read_text().splitlines() if not line.lstrip().startswith("#")]
        assert not [line for line in lines if words.search(line.partition(" #")[0])], name


def test_the_example_names_every_setting_with_its_default() -> None:
    """What compose reads, `.env.example` documents, with the value that holds without it."""
    flat = re.sub(r"\$\{SHIPEI_GATEWAY_URL:-http[^\n]*", "${SHIPEI_GATEWAY_URL:-}", TEXT)
    read = {m[1]: m[2] for m in re.finditer(r"\$\{(\w+):-([^}\s]*)\}", flat)}
    lines = (ROOT / ".env.example").read_text().splitlines()
    example = dict(line.lstrip("#").split("=", 1) for line in lines if re.match(r"#?\w+=", line))
    assert set(read) <= set(example)
    assert set(example) - set(read) == {"COMPOSE_PROFILES"}
    in_force = {k: v for k, v in example.items() if f"#{k}=" not in "\n".join(lines) and k in read}
    assert in_force == {k: v for k, v in read.items() if k in in_force}


def test_the_image_pins_what_it_installs() -> None:
    installs = [line for line in DOCKERFILE.splitlines() if "pip install" in line]
    assert len(installs) == 2
    assert all("--require-hashes" in line for line in installs)
    assert "://" not in (ROOT / "requirements.txt").read_text()


def test_the_database_takes_as_many_replicas_as_the_page_says() -> None:
    let_in = int(re.findall(r"max_connections=(\d+)", TEXT)[0])
    page = (ROOT / "deploy/containers/README.md").read_text("utf-8")
    assert f"PostgreSQL lets {let_in} connections in, and a replica opens up to {connections()}" in page
    assert let_in // (len(SERVICES) * connections()) == 4
    assert "Up to four of each service" in page


def test_the_stack_holds_each_service_and_its_order() -> None:
    assert set(SERVICES) < set(PARTS)
    for service in SERVICES:
        assert PARTS[service]["depends_on"] == {
            step: {"condition": "service_completed_successfully"} for step in ("migrate", "topics")
        }
    assert set(PARTS["gateway"]["depends_on"]) == set(SERVICES)


class Override(yaml.SafeLoader):
    """Compose's own tag takes a part out."""


Override.add_constructor("!reset", lambda *_: None)


def test_the_check_s_file_changes_what_there_is() -> None:
    over = yaml.load((ROOT / "deploy/containers/check.yml").read_text(), Override)["services"]  # noqa: S506  (a safe one)
    player = over.pop("player")
    assert set(over) < set(PARTS)
    assert over["mailpit"] is None
    for name in SERVICES:
        assert over[name]["scale"] == 2
        assert set(over[name]["environment"]) <= known(name)
    assert (ROOT / f"{player['entrypoint'][2].replace('.', '/')}.py").exists()
    mounted = {v.partition(":")[0] for v in player["volumes"]}
    assert {v for v in mounted if re.fullmatch(r"[a-z-]+", v)} <= set(COMPOSE["volumes"])


def test_the_images_that_are_made_stand_for_those_that_compose_names() -> None:
    for setting, (official, _) in bases.WANTED.items():
        assert f"${{{setting}:-{official}}}" in TEXT


def test_what_prometheus_and_grafana_read_is_there() -> None:
    mounted = [v.split(":")[0] for name in ("prometheus", "grafana") for v in PARTS[name]["volumes"]]
    files = [ROOT / path for path in mounted if path.startswith("./")]
    assert len(files) == 4
    assert not [file for file in files if not file.exists()]


def test_the_image_holds_what_its_commands_read() -> None:
    """Everything that the Dockerfile copies from the checkout passes the list of what the engine may see."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    seen = {line[1:] for line in lines if line.startswith("!")}
    copied = {word.split("/")[0] for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
              for word in line.split()}  # fmt: skip
    assert copied == seen
    assert not [name for name in seen if not (ROOT / name).exists()]
    keys = {file.partition("/")[0] for files in secret_files().values() for file in files}
    shut_out = {line.rstrip("/") for line in lines[max(i for i, line in enumerate(lines) if line[:1] == "!") :]}
    assert {f"{FOLDER.relative_to(ROOT)}/{folder}" for folder in keys} <= shut_out, "an installation's keys"
