"""Every function that decides or plans takes part in a property: no sequence of commands breaks what it promises.

A public function of a domain decides when it answers with an event or with a step of the planner's ledger. It takes part
when a property uses it, itself or through what it uses. What only arranges data needs no property, and nobody keeps a list.
"""

import ast
import inspect
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any, Final, get_args, get_type_hints

import msgspec
import pytest

from services.notify.planning.domain import Change
from shared.events.base import Event
from tests.architecture.test_layout import ROOT, SERVICES, domains, feature_folders

Name = tuple[str, str]


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def outcome(kind: Any, seen: frozenset[Any] = frozenset()) -> bool:
    """Whether a type is, or holds, an event or a step of a plan."""
    if kind in seen:
        return False
    if isinstance(kind, type) and issubclass(kind, Event | Change):
        return True
    parts = list(get_args(kind))
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        parts = list(get_type_hints(kind).values())
    return any(outcome(part, seen | {kind}) for part in parts)


def decisions(feature: str) -> set[FunctionType]:
    """The functions of a feature's domain that decide."""
    modules = [import_module(module_of(p)) for p in domains() if module_of(p).startswith(f"{feature}.domain")]
    functions = [f for m in modules for name, f in vars(m).items() if inspect.isfunction(f)
                 and f.__module__ == m.__name__ and not name.startswith("_")]  # fmt: skip
    return {f for f in functions if outcome(get_type_hints(f).get("return"))}


def features() -> list[str]:
    return [module_of(folder) for service in SERVICES for folder in feature_folders(service)]


@cache
def uses(path: Path) -> Mapping[str, frozenset[Name]]:
    """What each definition of a module speaks of: names of its own and of modules that it imports from."""
    body, here = ast.parse(path.read_text("utf-8")).body, module_of(path)
    foreign = {
        a.asname or a.name: (n.module or "", a.name) for n in body if isinstance(n, ast.ImportFrom) for a in n.names
    }
    return {
        name: frozenset(foreign.get(n.id, (here, n.id)) for n in ast.walk(node) if isinstance(n, ast.Name))
        for node in body
        for name in defined(node)
    }


def defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]


BY_HYPOTHESIS: Final = {("hypothesis", "given"), ("hypothesis.stateful", "RuleBasedStateMachine")}


def properties() -> Iterator[Name]:
    """The tests and machines that Hypothesis plays."""
    for path in (ROOT / "tests").rglob("test_*.py"):
        yield from ((module_of(path), name) for name, spoken in uses(path).items() if spoken & BY_HYPOTHESIS)


def reached(start: Iterable[Name]) -> set[Name]:
    """All that these use, themselves or through the tests' own helpers and the services' domains."""
    waiting, found = list(start), set[Name]()
    while waiting:
        name = at_home(*waiting.pop())
        if name not in found:
            found.add(name)
            path = ROOT / f"{name[0].replace('.', '/')}.py"
            own = name[0].startswith("tests.") or ".domain" in name[0]
            waiting += uses(path).get(name[1], ()) if own and path.exists() else ()
    return found


def at_home(module: str, name: str) -> Name:
    """Where a function of a service is defined; packages only pass it on."""
    there = getattr(import_module(module), name, None) if module.startswith("services.") else None
    return (there.__module__ if inspect.isfunction(there) else module), name


@cache
def played() -> set[Name]:
    """What properties play with."""
    return reached(properties())


@pytest.mark.parametrize("feature", [f for f in features() if decisions(f)])
def test_what_decides_is_played_in_any_order(feature: str) -> None:
    left_out = {f.__name__ for f in decisions(feature) if (f.__module__, f.__name__) not in played()}
    assert not left_out, f"no property plays these decisions of {feature}"


def test_deciding_is_told_from_arranging() -> None:
    deciding = {f for f in features() if decisions(f)}
    assert {"services.enrolment.pools", "services.blacklist.entries", "services.notify.planning"} <= deciding
    assert not deciding & {"services.enrolment.grids", "services.notify.wording", "services.reporting.trends"}
