"""What docs/operations names is there: make targets, modules and their commands, variables, routes, metrics, files."""

import json
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from deploy.gateway.settings import Settings as Gateway
from deploy.local.__main__ import COMMANDS
from deploy.sink.settings import Settings as Sink

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "docs/operations"
PAGES = sorted(FOLDER.glob("*.md"))
SERVICES = ("enrolment", "notify", "blacklist", "reporting")
INLINE = re.compile(r"`([^`\n]+)`")
FENCED = re.compile(r"```\w*\n(.*?)```", re.DOTALL)


def text(page: Path) -> str:
    return page.read_text("utf-8")


def code(page: Path) -> Iterator[str]:
    """Each command, path or name that a page sets as code."""
    for block in FENCED.findall(text(page)):
        yield from block.replace("\\\n", " ").splitlines()
    yield from INLINE.findall(FENCED.sub("", text(page)))


def every(pattern: str) -> set[str]:
    return {found for page in PAGES for line in code(page) for found in re.findall(pattern, line)}


def variables() -> set[str]:
    """Every variable that is read: fields of settings, what the local runtime asks the environment for, what compose does."""
    settings = [Gateway, Sink, *(import_module(f"services.{s}.app").SERVICE.settings for s in SERVICES)]
    fields = {f"SHIPEI_{name.upper()}" for each in settings for name in each.model_fields}
    sources = " ".join(f.read_text("utf-8") for f in (ROOT / "deploy/local").glob("*.py"))
    sources += (ROOT / "docker-compose.yml").read_text("utf-8")
    return fields | set(re.findall(r"\bSHIPEI_[A-Z_]+\b", sources))


def routes() -> set[str]:
    described = [json.loads((ROOT / f"docs/openapi/{s}.json").read_text()) for s in SERVICES]
    return {f"{method.upper()} {path}" for d in described for path, methods in d["paths"].items() for method in methods}


def test_there_are_pages() -> None:
    assert {"README.md", "alerts.md", "backup.md", "compose-check.md", "connections.md", "install.md", "keys.md", "rebuild.md",
            "redrive.md", "sizing.md", "upgrade.md"} == {p.name for p in PAGES}  # fmt: skip


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert every(r"\bmake ([a-z-]+)") - targets == set()
    assert {"drill", "bench"} <= every(r"\bmake ([a-z-]+)") & set(COMMANDS)


def test_modules_exist() -> None:
    named = {m for m in every(r"python3? -m ([\w.]+(?:\$\w+)?)") if m not in {"venv", "pip"}}
    modules = {m.replace("$service", s).replace("services.S", f"services.{s}") for m in named for s in SERVICES}
    assert len(modules) > len(SERVICES)
    assert {m for m in modules if find_spec(m) is None} == set()


def test_commands_of_services_exist() -> None:
    known = set(re.findall(r'add_parser\("(\w+)"', (ROOT / "shared/cli.py").read_text()))
    named = every(r"python -m services\.[\w$]+ ([a-z]+)")
    assert {"migrate", "parked", "redrive"} <= named <= known


@pytest.mark.parametrize("module", ["history", "install"])
def test_options_of_programs_exist(module: str) -> None:
    source = (ROOT / f"deploy/operations/{module}.py").read_text()
    lines = [line for page in PAGES for line in code(page) if f"deploy.operations.{module} " in line]
    assert lines
    assert {o for line in lines for o in re.findall(r"(--[a-z-]+)", line) if f'"{o}"' not in source} == set()


def test_variables_exist() -> None:
    named = every(r"\b(SHIPEI_[A-Z_]+)\b")
    assert "SHIPEI_DSN_WRITER" in named
    assert named - variables() == set()


def test_routes_exist() -> None:
    named = {line.replace("<service>", s) for line in every(r"\b((?:GET|POST|PUT) /[\w/<>.-]+)") for s in SERVICES}
    called = {f"GET {path}" for path in every(r"http://127\.0\.0\.1:\d+(/\w+/parked)(?![\w/])")}
    assert called
    assert (named | called) - routes() == set()


def test_metrics_exist() -> None:
    sources = " ".join(
        f.read_text("utf-8") for f in (ROOT / "shared").rglob("*") if f.name in {"metrics.py", "service.py"}
    )
    measured = (ROOT / "shared/telemetry/queries.sql").read_text()
    named = {m.removeprefix("shipei_") for m in every(r"\b(shipei_(?:consumer|outbox|parked)\w*)")}
    counted = set(re.findall(r'"(\w+)"', sources)) | {f"consumer_{n}" for n in re.findall(r'"(\w+)"', sources)}
    assert named
    assert named - counted - set(re.findall(r"\bas (\w+)", measured)) == set()


def test_files_exist() -> None:
    named = {p for p in every(r"(?<![\w/.])((?:deploy|docs|services|shared|tests|bench)/[\w./-]+)") if "<" not in p}
    assert {p for p in named if not (ROOT / p).exists()} == set()


def test_containers_and_volumes_are_those_of_compose() -> None:
    """What stands after `docker compose …` is a service of docker-compose.yml, and each volume is one of its volumes."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    option = r"(?:--(?:user|entrypoint|scale) \S+ |--?[\w=-]+ )*"
    named = every(rf"\bdocker compose (?:build|exec|run|restart|stop|up) {option}(?!-)([a-z]+)")
    assert {"keys", "migrate", "postgres", "reporting"} <= named
    assert named - set(compose["services"]) == set()
    volumes = {v for v in every(r"-v shipei_([\w-]+):") if v != "$volume"}
    looped = {v for line in every(r"for volume in ([\w ]+); do") for v in line.split()}
    assert {"keys", "postgres", "kafka"} <= volumes | looped <= set(compose["volumes"])
    assert every(r"--scale (\w+)=") <= set(SERVICES)


def test_a_projection_is_emptied_the_same_way_in_containers() -> None:
    statements = re.findall(r'-c "(truncate [^"]+)"', text(FOLDER / "rebuild.md"))
    assert len(statements) == 2
    assert len(set(statements)) == 1


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = [target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text(page)) if "://" not in target]
    assert {t for t in links if t and not (page.parent / t).exists()} == set()


@pytest.mark.parametrize(
    ("page", "wrong"),
    [
        ("`make nothing`", test_make_targets_exist),
        ("`python -m services.nobody`", test_modules_exist),
        ("`python -m services.notify explode`", test_commands_of_services_exist),
        ("`SHIPEI_NOTHING`", test_variables_exist),
        ("`GET /reporting/nothing`", test_routes_exist),
        ("`tests/nothing.py`", test_files_exist),
        ("`shipei_consumer_nothing`", test_metrics_exist),
        ("`docker compose run --rm nothing`", test_containers_and_volumes_are_those_of_compose),
        ("`docker run -v shipei_nothing:/to`", test_containers_and_volumes_are_those_of_compose),
    ],
)
def test_what_is_not_there_is_found(
    page: str, wrong: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "page.md").write_text(page)
    monkeypatch.setattr(f"{__name__}.PAGES", [*PAGES, tmp_path / "page.md"])
    with pytest.raises(AssertionError):
        wrong()
