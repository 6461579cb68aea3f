"""The network policies of deploy/k8s let through what the programs' own settings name, and nothing that nobody asked for."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.containers import steps
from deploy.local.paths import SERVICES
from tests.support.manifests import kustomization, of_kind, pods, settings_of
from tests.support.network import End, closed, passes, within

HTTP, DNS = 8000, End({}, "kube-system")
INGRESS, PROMETHEUS, KEDA = End({}, "ingress-nginx"), End({}, "monitoring"), End({}, "keda")
OUTSIDE = End(namespace=None)
GONE_TO = (
    "SHIPEI_KAFKA",
    "SHIPEI_ROUTES",
    "SHIPEI_GATEWAY_URL",
    "SHIPEI_ENROLMENT_URL",
    "SHIPEI_SMTP",
    "SHIPEI_SMS_URL",
)
ADDRESS = re.compile(r"(?:(https?)://)?([\w-]+(?:\.[\w-]+)*)(?::(\d+))?")


def pod(name: str) -> End:
    return End(pods()[name]["metadata"]["labels"])


def named(name: str) -> Iterator[tuple[End, int]]:
    """Where a program goes by its settings: other programs, Kafka, providers outside."""
    given = settings_of(pods()[name])
    for value in (given[setting] for setting in GONE_TO if setting in given):
        for scheme, host, port in ADDRESS.findall(" ".join(re.findall(r'[^\s"{},]+(?=[",}]|$)', value))):
            if scheme or port:
                yield place(host), int(port or (443 if scheme == "https" else 80))


def place(host: str) -> End:
    """Who answers to a host's name, as the engines call and label their pods."""
    engines = {f"{kafka}-kafka-bootstrap": {"strimzi.io/cluster": kafka} for kafka in of_kind("Kafka")}
    if host in engines:
        return End(engines[host])
    return pod(host) if host in pods() and host in of_kind("Service") else OUTSIDE


def test_who_goes_where_is_read_from_the_settings() -> None:
    assert [place(f"{name}-kafka-bootstrap").labels for name in of_kind("Kafka")] == [{"strimzi.io/cluster": "shipei"}]
    assert {port for _, port in named("notify")} == {9092, 8000, 25, 443}
    assert [end.labels["app.kubernetes.io/name"] for end, _ in named("gateway")] == list(SERVICES)


@pytest.mark.parametrize("name", [*SERVICES, "gateway"])
def test_what_a_program_goes_to_is_open(name: str) -> None:
    wanted = [
        (end, port) for end, port in named(name) if name != "enrolment" or end != OUTSIDE
    ]  # QR codes: it goes nowhere
    assert wanted
    assert not [(end, port) for end, port in wanted if not passes(pod(name), end, port)]
    assert passes(pod(name), DNS, 53, "UDP")
    assert passes(pod(name), DNS, 53)
    assert closed(pod(name))


def test_services_and_migrations_reach_their_database(tmp_path: Path) -> None:
    (cluster,) = of_kind("Cluster")
    alias = of_kind("Service")["postgres"]["spec"]
    assert alias["externalName"] == f"{cluster}-rw.{kustomization()['namespace']}.svc.cluster.local"
    dsns = [dsn for name, dsn in steps.parts(tmp_path).items() if "_DSN_" in name or name.endswith("POSTGRES")]
    (port,) = {int(dsn.rpartition(":")[2].partition("/")[0]) for dsn in dsns}
    users = [n for n in pods() if {"SHIPEI_DSN_WRITER", "SHIPEI_POSTGRES"} & set(settings_of(pods()[n]))]
    assert set(users) == {*SERVICES, "migrate"}
    assert all(passes(pod(name), End({"cnpg.io/cluster": cluster}), port) for name in users)
    assert passes(pod("migrate"), DNS, 53, "UDP")


def test_who_comes_from_elsewhere_reaches_what_is_for_them() -> None:
    assert passes(INGRESS, pod("gateway"), HTTP)
    assert all(passes(PROMETHEUS, pod(name), HTTP) for name in SERVICES)


def test_kafka_s_only_listener_takes_its_users_and_nobody_else() -> None:
    (kafka,) = of_kind("Kafka").values()
    (listener,) = kafka["spec"]["kafka"]["listeners"]
    assert {port for name in SERVICES for end, port in named(name) if "strimzi.io/cluster" in end.labels} == {
        listener["port"]
    }
    for end, wanted in [*((pod(name), True) for name in SERVICES), (KEDA, True), (INGRESS, False), (End(), False)]:
        assert any(within(peer, end) for peer in listener["networkPolicyPeers"]) is wanted


@pytest.mark.parametrize("name", SERVICES)
def test_what_nobody_asked_for_is_shut(name: str) -> None:
    """Trainees' addresses are in enrolment: what leaves the cluster leaves from notify alone, and pages come by the gateway."""
    for stranger in (INGRESS, OUTSIDE, End(), End({}, "default")):
        assert not passes(stranger, pod(name), HTTP)
    assert not passes(PROMETHEUS, pod(name), HTTP + 1)
    if name != "notify":
        assert not [port for port in (25, 80, 443, 465, 587) if passes(pod(name), OUTSIDE, port)]
    assert not passes(pod("gateway"), OUTSIDE, 443)
    assert not passes(OUTSIDE, pod("gateway"), HTTP)
