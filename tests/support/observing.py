"""What alerts and dashboards ask of Prometheus: the questions, and the metrics and labels in each."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import promql_parser as promql

from deploy.local.paths import ROOT

FOLDER = ROOT / "deploy" / "observe"
SAID = re.compile(r"{{\s*(?:\$labels\.)?(\w+)\s*}}")  # a label in an annotation or a legend


@dataclass(frozen=True)
class Question:
    """One expression; `where` tells whose, `words` is the text that may show its labels."""

    where: str
    expression: str
    words: str

    @property
    def tree(self) -> promql.Expr:
        """Errors: ValueError where it is no PromQL."""
        return promql.parse(self.expression)

    @property
    def shown(self) -> set[str]:
        return set(SAID.findall(self.words))


def read(name: str) -> Any:
    return msgspec.yaml.decode((FOLDER / name).read_text("utf-8"))


def alerts() -> list[dict[str, Any]]:
    return [rule for group in read("alerts.yml")["groups"] for rule in group["rules"]]


def dashboards() -> dict[str, dict[str, Any]]:
    return {p.stem: json.loads(p.read_text("utf-8")) for p in sorted((FOLDER / "grafana/dashboards").glob("*.json"))}


def questions() -> Iterator[Question]:
    """Of every alert and every panel."""
    for rule in alerts():
        yield Question(rule["alert"], rule["expr"], rule["annotations"]["summary"])
    for name, board in dashboards().items():
        for panel in board["panels"]:
            for target in panel["targets"]:
                yield Question(f"{name}: {panel['title']}", target["expr"], target["legendFormat"])


def matchers(tree: promql.Expr) -> Iterator[promql.Matcher]:
    """Every comparison of a label with a value in an expression."""
    match tree:
        case promql.VectorSelector():
            yield from tree.matchers.matchers
        case promql.MatrixSelector():
            yield from matchers(tree.vector_selector)
        case promql.Call():
            for argument in tree.args:
                yield from matchers(argument)
        case promql.BinaryExpr():
            yield from matchers(tree.lhs)
            yield from matchers(tree.rhs)
        case promql.AggregateExpr() | promql.ParenExpr() | promql.UnaryExpr() | promql.SubqueryExpr():
            yield from matchers(tree.expr)


def asked(tree: promql.Expr, grouped: frozenset[str] = frozenset()) -> Iterator[tuple[str, frozenset[str]]]:
    """Each metric in an expression, with the labels that it must have: those matched, and those that it is grouped by."""
    match tree:
        case promql.VectorSelector():
            yield tree.name or "", grouped | {m.name for m in tree.matchers.matchers}
        case promql.MatrixSelector():
            yield from asked(tree.vector_selector, grouped)
        case promql.AggregateExpr():
            yield from asked(tree.expr, grouped | set(tree.modifier.labels if tree.modifier else ()))
        case promql.Call():
            for argument in tree.args:
                yield from asked(argument, grouped)
        case promql.BinaryExpr():
            yield from asked(tree.lhs, grouped)
            yield from asked(tree.rhs, grouped)
        case promql.ParenExpr() | promql.UnaryExpr() | promql.SubqueryExpr():
            yield from asked(tree.expr, grouped)


def answered(tree: promql.Expr) -> set[str] | None:
    """The labels that an expression's answer has; None where they are all those of its metrics."""
    match tree:
        case promql.AggregateExpr():
            return set(tree.modifier.labels) if tree.modifier else set()
        case promql.BinaryExpr():
            return answered(tree.lhs if not isinstance(tree.lhs, promql.NumberLiteral) else tree.rhs)
        case promql.ParenExpr():
            return answered(tree.expr)
        case promql.Call():
            inner = answered(tree.args[-1])
            return inner - {"le"} if inner is not None else None
    return None
