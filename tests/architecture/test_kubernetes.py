"""deploy/k8s as data: it fits Kubernetes' schemas, and what it names is in the code. It is not run here."""

import re
from importlib.util import find_spec
from typing import Any

import kubernetes_validate
import pytest
import yaml
from fastapi.routing import iter_route_contexts

from deploy.containers import __main__ as image
from deploy.containers import steps
from deploy.containers.environment import KEYS
from deploy.gateway.app import create_app as create_gateway
from deploy.gateway.settings import Settings as GatewaySettings
from deploy.local.paths import ROOT, SERVICES
from docs.generate import services
from services.enrolment.documents.domain import MAX_BYTES as DOCUMENT
from services.enrolment.workbooks.service import MAX_BYTES as WORKBOOK
from services.enrolment.workbooks.service import MEMORY
from shared.service import Service, create_app
from tests.support.manifests import (
    FOLDER,
    Object,
    connections,
    container,
    kustomization,
    objects,
    of_kind,
    pods,
    secret_files,
    settings_of,
)

OLDEST, NEWEST = "1.32", kubernetes_validate.latest_version()  # 1.32: a pod's number is in its labels for certain
CUSTOM = {("kafka.strimzi.io/v1", "Kafka"), ("kafka.strimzi.io/v1", "KafkaNodePool"), ("kafka.strimzi.io/v1", "KafkaTopic"),
          ("postgresql.cnpg.io/v1", "Cluster"), ("keda.sh/v1alpha1", "ScaledObject")}  # fmt: skip
OF_THE_IMAGE = {"SHIPEI_HOST": "0.0.0.0", "SHIPEI_PORT": "8000", "SHIPEI_JWKS": "/keys/all/jwks.json"}
TOPICS = yaml.safe_load((ROOT / "deploy/topics.yaml").read_text("utf-8"))
BUILT_IN = [each for each in objects() if (each["apiVersion"], each["kind"]) not in CUSTOM]
MEGABYTE = 10**6
UNITS = {"Mi": 2**20, "Gi": 2**30}


def test_every_file_is_a_resource_once() -> None:
    listed = kustomization()["resources"]
    assert sorted(listed) == sorted(p.name for p in FOLDER.glob("*.yaml") if p.name != "kustomization.yaml")
    names = [(each["kind"], each["metadata"]["name"]) for each in objects()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("each", BUILT_IN, ids=lambda o: f"{o['kind']}-{o['metadata']['name']}")
def test_what_kubernetes_knows_fits_its_schemas(each: Object) -> None:
    for version in (OLDEST, NEWEST):
        kubernetes_validate.validate(each, version, strict=True)


def test_a_misspelt_field_is_noticed() -> None:
    wrong = of_kind("StatefulSet")["notify"]
    wrong["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, OLDEST, strict=True)


def test_what_it_does_not_know_is_of_the_named_engines() -> None:
    foreign = {(e["apiVersion"], e["kind"]) for e in objects() if "." in e["apiVersion"].partition("/")[0]}
    assert {pair for pair in foreign if not pair[0].partition("/")[0].endswith("k8s.io")} == CUSTOM


def test_each_service_is_a_set_whose_members_keep_their_number() -> None:
    assert set(of_kind("StatefulSet")) == set(SERVICES)
    for name in SERVICES:
        pod = pods()[name]
        replica = next(e for e in container(pod)["env"] if e["name"] == "SHIPEI_REPLICA")
        assert replica["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.labels['apps.kubernetes.io/pod-index']"
        assert of_kind("StatefulSet")[name]["spec"]["serviceName"] in of_kind("Service")
        assert find_spec(f"services.{name}.__main__")


def test_each_workload_runs_the_image_s_command_of_its_name() -> None:
    for name, pod in pods().items():
        assert container(pod)["image"] == "shipei"
        assert container(pod)["args"] == [name]
        assert name in {*image.PROGRAMS, *image.STEPS}
        assert "command" not in container(pod), "the image's own entry reads the settings"


def test_the_migrations_find_the_administrator_and_each_key_lies_where_it_is_looked_for() -> None:
    assert set(settings_of(pods()["migrate"])) == {"SHIPEI_POSTGRES"}
    for name, pod in pods().items():
        secret = {v["name"]: v["secret"]["secretName"] for v in pod["spec"]["volumes"] if "secret" in v}
        mounted = {m["name"]: m["mountPath"] for m in container(pod)["volumeMounts"]}
        assert {secret[v]: mounted[v] for v in secret} == {
            s: f"{KEYS}/{s.removeprefix('keys-')}" for s in secret.values()
        }
        own = {"migrate": {"keys-admin"}, "gateway": {"keys-all"}}.get(name, {"keys-all", f"keys-{name}"})
        assert set(secret.values()) == own


def test_each_port_is_the_one_that_the_image_listens_on() -> None:
    for name, pod in pods().items():
        if name == "migrate":
            continue
        (port,) = container(pod)["ports"]
        assert port == {"name": "http", "containerPort": int(OF_THE_IMAGE["SHIPEI_PORT"])}
        asked = {container(pod)[f"{kind}Probe"]["httpGet"]["port"] for kind in ("startup", "readiness", "liveness")}
        (offered,) = of_kind("Service")[name]["spec"]["ports"]
        assert asked == {offered["targetPort"]} == {port["name"]}
        assert offered["port"] == port["containerPort"], "as the addresses of the others have it"
    (rule,) = of_kind("Ingress")["gateway"]["spec"]["rules"]
    assert [path["backend"] for path in rule["http"]["paths"]] == [
        {"service": {"name": "gateway", "port": {"name": "http"}}}
    ]


def test_the_step_keys_makes_every_file_of_a_secret(tmp_path: Any) -> None:
    made = {f"secrets/{name}" for name in steps.parts(tmp_path)}
    assert set().union(*secret_files().values()) <= made
    hosts = {dsn.rpartition("@")[2].partition(":")[0] for name, dsn in steps.parts(tmp_path).items() if "_DSN_" in name}
    assert hosts == {"postgres"} <= set(of_kind("Service"))


@pytest.mark.parametrize("service", services(), ids=lambda s: s.name)
def test_a_service_finds_its_settings_and_none_that_it_does_not_read(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = settings_of(pods()[service.name])
    known = {f"SHIPEI_{name.upper()}" for name in service.settings.model_fields}
    assert set(given) <= known
    for name, value in {**OF_THE_IMAGE, **given}.items():
        monkeypatch.setenv(name, value)
    assert service.settings().port == container(pods()[service.name])["ports"][0]["containerPort"]  # type: ignore[call-arg]  # the rest stands in the environment


def test_the_gateway_finds_its_settings_and_a_route_to_each_service(monkeypatch: pytest.MonkeyPatch) -> None:
    given = settings_of(pods()["gateway"])
    for name, value in {**OF_THE_IMAGE, **given}.items():
        monkeypatch.setenv(name, value)
    settings = GatewaySettings()  # type: ignore[call-arg]  # the rest stands in the environment
    assert settings.routes == {name: f"http://{name}:8000" for name in SERVICES}
    assert not settings.development_login
    assert set(given) <= {f"SHIPEI_{name.upper()}" for name in GatewaySettings.model_fields}
    assert (
        probes(pods()["gateway"])
        == {"/readyz"}
        <= {context.path for context in iter_route_contexts(create_gateway(settings).routes)}
    )


def probes(pod: Object) -> set[str]:
    return {container(pod)[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "readiness", "liveness")}


@pytest.mark.parametrize("service", services(), ids=lambda s: s.name)
def test_a_service_is_asked_whether_it_gets_on(service: Service) -> None:
    pod = pods()[service.name]
    routes = create_app(service, service.settings.model_construct()).openapi()["paths"]
    assert probes(pod) == {f"/{service.name}/readyz"} <= set(routes)
    assert f"/{service.name}/metrics" in routes
    assert pod["metadata"]["annotations"] == {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": OF_THE_IMAGE["SHIPEI_PORT"],
        "prometheus.io/path": f"/{service.name}/metrics",
    }
    live = container(pod)["livenessProbe"]
    assert live["periodSeconds"] * live["failureThreshold"] == 600, (
        "a database away for a while is no reason to restart"
    )


def test_scaling_follows_the_lag_of_a_group_up_to_its_partitions() -> None:
    by_name = {service.name: service for service in services()}
    assert set(of_kind("ScaledObject")) == set(by_name)
    for name, scaled in of_kind("ScaledObject").items():
        (trigger,) = scaled["spec"]["triggers"]
        asked = trigger["metadata"]
        assert scaled["spec"]["scaleTargetRef"] == {"kind": "StatefulSet", "name": name}
        assert scaled["spec"]["maxReplicaCount"] <= TOPICS["partitions"]
        assert asked["consumerGroup"] == name
        assert asked["topic"] in by_name[name].topics
        host, _, port = settings_of(pods()[name])["SHIPEI_KAFKA"].partition(":")
        within = f"{host}.{kustomization()['namespace']}.svc:{port}"  # as it is called from KEDA's namespace
        assert asked["bootstrapServers"] == within
        assert "replicas" not in of_kind("StatefulSet")[name]["spec"]


def test_the_database_takes_what_the_replicas_open() -> None:
    spec = of_kind("Cluster")["postgres"]["spec"]
    let_in = int(spec["postgresql"]["parameters"]["max_connections"])
    assert sum(s["spec"]["maxReplicaCount"] for s in of_kind("ScaledObject").values()) * connections() < let_in
    assert size(spec["resources"]["limits"]["memory"]) > let_in * 8 * MEGABYTE


def test_what_the_services_take_passes_the_ingress() -> None:
    annotations = of_kind("Ingress")["gateway"]["metadata"]["annotations"]
    passes = int(annotations["nginx.ingress.kubernetes.io/proxy-body-size"].removesuffix("m")) * 2**20
    assert passes > max(WORKBOOK, DOCUMENT) * 1.1, "a form adds some bytes of its own"


def test_topics_are_those_of_the_one_list() -> None:
    made = of_kind("KafkaTopic")
    assert list(made) == TOPICS["topics"]
    nodes = of_kind("KafkaNodePool")["nodes"]["spec"]["replicas"]
    for topic in made.values():
        assert topic["metadata"]["labels"]["strimzi.io/cluster"] in of_kind("Kafka")
        assert topic["spec"]["partitions"] == TOPICS["partitions"]
        assert topic["spec"]["replicas"] == nodes > topic["spec"]["config"]["min.insync.replicas"] > 1
        assert TOPICS["config"].items() <= topic["spec"]["config"].items()


def test_each_selector_finds_the_pods_of_its_name_and_no_others() -> None:
    labels = {name: pod["metadata"]["labels"] for name, pod in pods().items()}
    for kind in ("Service", "PodDisruptionBudget", "StatefulSet", "Deployment"):
        for name, each in of_kind(kind).items():
            wanted = each["spec"].get("selector", {})
            found = {n for n, own in labels.items() if wanted.get("matchLabels", wanted).items() <= own.items()}
            assert each["spec"].get("type") == "ExternalName" or found == {name}, f"{kind} {name}"
    for name, pod in pods().items():
        for spread in pod["spec"].get("topologySpreadConstraints", []):
            assert spread["labelSelector"]["matchLabels"].items() <= labels[name].items()
    assert set(of_kind("PodDisruptionBudget")) == {*SERVICES, "gateway"}
    assert set(of_kind("Service")) == {*SERVICES, "gateway", "postgres"}


def test_memory_is_what_was_measured_and_room() -> None:
    text = (ROOT / "docs/performance.md").read_text("utf-8")
    measured = {name: int(most) * MEGABYTE for name, most in re.findall(r"(\w+) \d+/(\d+)", text)}
    assert {*SERVICES, "gateway"} <= set(measured)
    for name in (*SERVICES, "gateway"):
        resources = container(pods()[name])["resources"]
        child = MEMORY if name == "enrolment" else 0
        assert size(resources["requests"]["memory"]) > measured[name]
        assert size(resources["limits"]["memory"]) > 1.5 * measured[name] + child


def size(quantity: str) -> int:
    return int(quantity[:-2]) * UNITS[quantity[-2:]]


def test_the_four_services_differ_in_what_is_theirs_alone() -> None:
    assert len({str(plain(name)) for name in SERVICES}) == 1


def plain(name: str) -> Any:
    """A service's file without its name, its own settings and its memory."""
    found = objects(f"{name}.yaml")
    own = container(found[0]["spec"]["template"])
    own["env"] = [
        e for e in own["env"] if e["name"] in {"SHIPEI_REPLICA", "SHIPEI_KAFKA", "SHIPEI_DSN_OWNER", "SHIPEI_ISSUER"}
    ]
    own["resources"]["limits"] = {}
    found[-1]["spec"]["triggers"][0]["metadata"]["topic"] = ""
    return yaml.safe_load(yaml.safe_dump(found, sort_keys=True).replace(name, "service"))
