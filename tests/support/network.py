"""What the network policies of deploy/k8s let through, by Kubernetes' own rule: whoever is selected is closed but for what a rule opens."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.support import manifests
from tests.support.manifests import Object, kustomization, of_kind

NAME = "kubernetes.io/metadata.name"
KNOWN = {"podSelector", "namespaceSelector", "matchLabels", "port", "protocol"}  # nothing else is understood here


@cache
def ours(folder: Path) -> str:
    """The namespace of all parts; read once for each folder."""
    return str(kustomization()["namespace"])


@cache
def policies(folder: Path) -> list[Object]:
    """Every network policy; read once for each folder."""
    return [policy["spec"] for policy in of_kind("NetworkPolicy").values()]


@dataclass(frozen=True)
class End:
    """One end of a connection: a pod by its labels and namespace, or with ``namespace=None`` a place outside the cluster."""

    labels: Mapping[str, str] = field(default_factory=dict)
    namespace: str | None = field(default_factory=lambda: ours(manifests.FOLDER))


def passes(source: End, target: End, port: int, protocol: str = "TCP") -> bool:
    """Whether a connection comes through at both ends."""
    return _opens("Egress", source, target, port, protocol) and _opens("Ingress", target, source, port, protocol)


def closed(end: End) -> bool:
    """Whether nothing reaches a pod, or leaves it, that no rule lets through."""
    return all(list(_of(kind, end)) for kind in ("Ingress", "Egress"))


def _opens(kind: str, own: End, other: End, port: int, protocol: str) -> bool:
    mine = list(_of(kind, own))
    rules = [rule for spec in mine for rule in spec.get(kind.lower(), [])]
    return not mine or any(_meets(rule, kind, other) and _at(rule, port, protocol) for rule in rules)


def _of(kind: str, own: End) -> Iterator[Object]:
    for spec in policies(manifests.FOLDER) if own.namespace == ours(manifests.FOLDER) else ():
        if kind in spec["policyTypes"] and selects(spec["podSelector"], own.labels):
            yield spec


def _meets(rule: Object, kind: str, other: End) -> bool:
    peers = rule.get("from" if kind == "Ingress" else "to")
    return peers is None or any(within(peer, other) for peer in peers)


def within(peer: Object, other: End) -> bool:
    """Whether a peer of a rule means that end; without a namespace it means its own."""
    assert set(peer) <= KNOWN, peer
    if "namespaceSelector" in peer:
        there = other.namespace is not None and selects(peer["namespaceSelector"], {NAME: other.namespace})
    else:
        there = other.namespace == ours(manifests.FOLDER)
    return there and selects(peer.get("podSelector", {}), other.labels)


def _at(rule: Object, port: int, protocol: str) -> bool:
    ports = rule.get("ports")
    assert all(set(p) <= KNOWN for p in ports or []), ports
    return ports is None or any((p["port"], p.get("protocol", "TCP")) == (port, protocol) for p in ports)


def selects(selector: Object, labels: Mapping[str, str]) -> bool:
    assert set(selector) <= {"matchLabels"}, selector
    return bool(selector.get("matchLabels", {}).items() <= labels.items())
