"""Proof 6 without servers: each route has its row in the matrix of scope, and no test works as a superuser."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from deploy.gateway.app import create_app as create_gateway
from deploy.gateway.app import refuse, slashed
from deploy.gateway.proxy import proxy
from deploy.local.paths import ROOT
from deploy.sink.app import create_app as create_sink
from deploy.sink.settings import Settings as SinkSettings
from docs.generate import services
from shared.auth import ROLES, Allow
from shared.service import create_app
from tests.integration.gateway.origin import settings_for
from tests.support.scope_matrix import OWN, PARENT, SIBLING, Row, all_rows, table

PROBES = {"openapi.json", "healthz", "readyz", "metrics"}
PROVISIONING = {"create", "template", "drop", "ensure_roles", "dsns", "exists", "provisioning", "install"}
MAY_PROVISION = {
    "tests/support/logins.py",
    "tests/support/restoring.py",
    "tests/integration/shared/test_relay.py",
    "tests/integration/operations/test_keys.py",
}


def dependants(top: Dependant) -> Iterator[Dependant]:
    yield top
    for below in top.dependencies:
        yield from dependants(below)


def routes() -> dict[str, list[Allow]]:
    """``method path -> what asks for roles there``, of all four services."""
    found: dict[str, list[Allow]] = {}
    for service in services():
        app = create_app(service, service.settings.model_construct())
        for route in iter_route_contexts(app.routes):
            top = getattr(route, "dependant", None)
            asking = [d.call for d in dependants(top) if isinstance(d.call, Allow)] if top else []
            found |= {f"{method} {route.path}": asking for method in (route.methods or {"ANY"}) - {"HEAD"}}
    return found


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(all_rows(table()))


def test_each_route_has_a_row_and_each_row_a_route(rows: list[Row]) -> None:
    told = {row.route for row in rows}
    assert set(routes()) - told == set(), "routes without a row in tests/support/scope_matrix.yaml"
    assert told - set(routes()) == set(), "rows without a route"


def doors(folder: Path, **switches: bool) -> set[str]:
    """``method path`` of the gateway and the sink; what the gateway passes on, by the name of the program alone."""
    sink = SinkSettings(
        port=0, smtp="127.0.0.1:0", receipts_url="http://127.0.0.1:9", sink_file=folder / "s.jsonl", demo=True
    )
    gateway = settings_for(folder, "http://127.0.0.1:9", **switches)
    return {
        f"{method} {route.path}"
        for app in (create_gateway(gateway), create_sink(sink))
        for route in iter_route_contexts(app.routes)
        if route.endpoint not in {proxy, refuse, slashed} and route.methods
        for method in route.methods - {"HEAD"}
    }


def test_each_door_has_a_row_and_stands_where_the_row_says(tmp_path: Path) -> None:
    rows = {door.route: door.only for door in table().doors}
    assert doors(tmp_path) == set(rows), "see `doors` in tests/support/scope_matrix.yaml"
    for only, switch in (("demo", "demo"), ("login", "development_login")):
        gone = {route for route, where in rows.items() if where == only}
        assert doors(tmp_path, **{switch: False}) == set(rows) - gone


def test_a_row_names_the_roles_of_its_route(rows: list[Row]) -> None:
    known = routes()
    wrong = [
        row.route for row in rows if row.route in known and [set(a.roles) for a in known[row.route]] != asked_of(row)
    ]
    assert not wrong
    assert all(row.allowed <= set(ROLES) and set(row.denies.split()) <= row.allowed for row in rows)


def asked_of(row: Row) -> list[set[str]]:
    return [] if row.public else [set(row.allowed)]


def test_only_probes_are_public(rows: list[Row]) -> None:
    assert {row.route.rpartition("/")[2] for row in rows if row.public} == PROBES


def test_every_role_has_a_place_in_the_matrix() -> None:
    assert set(OWN) == set(SIBLING) == set(ROLES) - {"teacher", "service"}
    assert set(OWN) - set(PARENT) == {"province", "ops"}, "whose own unit is the root"


def test_no_test_connects_as_a_superuser() -> None:
    wrong = [f"{path}:{line}" for path, line in uses_of_the_administrator()]
    assert not wrong, "only provisioning may have servers.postgres"


def uses_of_the_administrator() -> Iterator[tuple[str, int]]:
    for file in sorted((ROOT / "tests").rglob("*.py")):
        path, tree = str(file.relative_to(ROOT)), ast.parse(file.read_text("utf-8"))
        allowed = {id(argument) for call in calls(tree, path) for argument in call.args}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == "postgres" and id(node) not in allowed:
                yield path, node.lineno
            if isinstance(node, ast.Subscript) and ast.unparse(node.slice) == repr("SHIPEI_POSTGRES"):
                yield path, node.lineno


def calls(tree: ast.AST, path: str) -> Iterator[ast.Call]:
    """The calls of provisioning in a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            if name in PROVISIONING and (name != "provisioning" or path in MAY_PROVISION):
                yield node
