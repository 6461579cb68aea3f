"""Mistakes in deploy/k8s and deploy/observe that no schema knows: each is made in a copy, and the tests of these files notice."""

import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from docs.generate import services
from tests.architecture import test_kubernetes as kubernetes
from tests.architecture import test_network as network
from tests.architecture import test_observing as observing
from tests.support import manifests
from tests.support import observing as observed

Check = Callable[[Path], object]
NOTIFY = next(service for service in services() if service.name == "notify")
LABEL = "app.kubernetes.io/name: notify"


def goes(name: str) -> Check:
    return lambda _: network.test_what_a_program_goes_to_is_open(name)


def shut(name: str) -> Check:
    return lambda _: network.test_what_nobody_asked_for_is_shut(name)


def alone(check: Callable[[], object]) -> Check:
    return lambda _: check()


def asks(_: Path) -> None:
    for question in observed.questions():
        observing.test_a_question_asks_for_labels_and_values_that_there_are(question)


comes = alone(network.test_who_comes_from_elsewhere_reaches_what_is_for_them)
kafka = alone(network.test_kafka_s_only_listener_takes_its_users_and_nobody_else)
selectors = alone(kubernetes.test_each_selector_finds_the_pods_of_its_name_and_no_others)
commands = alone(kubernetes.test_each_workload_runs_the_image_s_command_of_its_name)
ports = alone(kubernetes.test_each_port_is_the_one_that_the_image_listens_on)
keys = alone(kubernetes.test_the_migrations_find_the_administrator_and_each_key_lies_where_it_is_looked_for)
progress = alone(lambda: kubernetes.test_a_service_is_asked_whether_it_gets_on(NOTIFY))
scrape = alone(observing.test_prometheus_looks_where_the_image_listens_and_reads_the_rules_that_there_are)
grafana = alone(observing.test_grafana_finds_its_source_and_its_dashboards)
database = network.test_services_and_migrations_reach_their_database

MANIFESTS: list[tuple[str, str, str, Check]] = [
    ("network.yaml", "port: 5432", "port: 5433", database),
    ("network.yaml", "cnpg.io/cluster: postgres", "cnpg.io/cluster: postgresql", database),
    ("network.yaml", "strimzi.io/cluster: shipei", "strimzi.io/cluster: kafka", goes("reporting")),
    ("network.yaml", "port: 9092", "port: 9093", goes("enrolment")),
    ("network.yaml", "{ port: 53, protocol: UDP }, ", "", goes("gateway")),
    ("network.yaml", "{ port: 443 }", "{ port: 8443 }", goes("notify")),
    ("network.yaml", LABEL, "app.kubernetes.io/name: notifier", goes("notify")),
    ("network.yaml", "metadata.name: monitoring", "metadata.name: prometheus", comes),
    ("network.yaml", "metadata.name: ingress-nginx", "metadata.name: nginx", comes),
    ("network.yaml", "policyTypes: [Ingress, Egress]", "policyTypes: [Ingress]", goes("blacklist")),
    ("network.yaml", "{ app.kubernetes.io/name: notify }", "{ app.kubernetes.io/part-of: shipei }", shut("enrolment")),
    ("network.yaml", "{ app.kubernetes.io/name: gateway }", "{ app.kubernetes.io/part-of: shipei }", shut("reporting")),
    ("kafka.yaml", "app.kubernetes.io/part-of: shipei", "app.kubernetes.io/part-of: training", kafka),
    ("kafka.yaml", "port: 9092", "port: 9094", kafka),
    ("notify.yaml", f"selector: {{ {LABEL} }}", "selector: { app.kubernetes.io/name: reporting }", selectors),
    ("notify.yaml", f"labels: {{ {LABEL}", "labels: { app.kubernetes.io/name: reporting", selectors),
    ("notify.yaml", "args: [notify]", "args: [reporting]", commands),
    ("postgres.yaml", "args: [migrate]", "args: [keys]", commands),
    ("postgres.yaml", "mountPath: /keys/admin", "mountPath: /keys", keys),
    ("postgres.yaml", "secretName: keys-admin", "secretName: keys-all", keys),
    ("notify.yaml", "mountPath: /keys/all", "mountPath: /etc/keys", keys),
    ("notify.yaml", "/notify/readyz, port: http", "/notify/readyz, port: web", ports),
    ("notify.yaml", "containerPort: 8000", "containerPort: 8080", ports),
    ("notify.yaml", "targetPort: http", "targetPort: 8080", ports),
    ("gateway.yaml", "port: { name: http }", "port: { name: web }", ports),
    ("notify.yaml", "path: /notify/readyz", "path: /notify/healthz", progress),
    ("notify.yaml", "prometheus.io/path: /notify/metrics", "prometheus.io/path: /notify/healthz", progress),
    ("notify.yaml", 'prometheus.io/port: "8000"', 'prometheus.io/port: "8100"', progress),
]
OBSERVING: list[tuple[str, str, str, Check]] = [
    ("prometheus.yml", "port: 8000", "port: 8080", scrape),
    ("prometheus.yml", "- alerts.yml", "- rules.yml", scrape),
    ("prometheus.yml", "notify, ", "", scrape),
    ("prometheus.yml", "job_name: shipei", "job_name: services", asks),
    ("alerts.yml", 'up{job="shipei"}', 'up{job="shipie"}', asks),
    ("alerts.yml", 'service="blacklist"', 'service="blacklists"', asks),
    ("alerts.yml", 'result!="accepted"', 'result!="acepted"', asks),
    ("alerts.yml", "max by (service) (shipei_parked)", "max by (services) (shipei_parked)", asks),
    ("grafana/dashboards/pipeline.json", 'status=~\\"5..\\"', 'status=~\\"6..\\"', asks),
    ("grafana/provisioning/dashboards/files.yml", "/var/lib/grafana/dashboards", "/dashboards", grafana),
    ("grafana/provisioning/datasources/prometheus.yml", "prometheus:9090", "prometheus:9091", grafana),
]


MISTAKES = [(manifests, *m) for m in MANIFESTS] + [(observed, *m) for m in OBSERVING]


@pytest.mark.parametrize(
    ("files", "name", "right", "wrong", "check"), MISTAKES, ids=[f"{m[1]} {m[3]}" for m in MISTAKES]
)
def test_a_mistake_is_noticed(
    files: ModuleType, name: str, right: str, wrong: str, check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "FOLDER", spoilt(files.FOLDER, tmp_path / files.FOLDER.name, name, right, wrong))
    with pytest.raises((AssertionError, KeyError)):
        check(tmp_path)


def test_without_a_mistake_nothing_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifests, "FOLDER", spoilt(manifests.FOLDER, tmp_path / "k8s", "kafka.yaml", "Kafka", "Kafka"))
    monkeypatch.setattr(observed, "FOLDER", spoilt(observed.FOLDER, tmp_path / "observe", "alerts.yml", "expr", "expr"))
    for check in {check for _, _, _, check in (*MANIFESTS, *OBSERVING)}:
        check(tmp_path)


def spoilt(folder: Path, copy: Path, file: str, right: str, wrong: str) -> Path:
    shutil.copytree(folder, copy)
    text = (copy / file).read_text("utf-8")
    assert right in text
    (copy / file).write_text(text.replace(right, wrong))
    return copy
