"""The manifests of deploy/k8s, as kustomize would collect them."""

from collections.abc import Iterator
from inspect import signature
from typing import Any

import yaml

from deploy.local.paths import ROOT
from shared.db import Database
from shared.texts import LOADER

FOLDER = ROOT / "deploy" / "k8s"
Object = dict[str, Any]


def kustomization() -> Object:
    loaded: Object = yaml.load((FOLDER / "kustomization.yaml").read_text("utf-8"), LOADER)  # noqa: S506  (a safe one)
    return loaded


def objects(file: str = "") -> list[Object]:
    """Every object of one resource file, or of all that the kustomization names."""
    files = [file] if file else kustomization()["resources"]
    return [each for name in files for each in yaml.load_all((FOLDER / name).read_text("utf-8"), LOADER)]


def of_kind(*kinds: str) -> dict[str, Object]:
    """By name."""
    return {each["metadata"]["name"]: each for each in objects() if each["kind"] in kinds}


def pods() -> dict[str, Object]:
    """The pod specification of each workload, by the workload's name."""
    return {name: each["spec"]["template"] for name, each in of_kind("StatefulSet", "Deployment", "Job").items()}


def container(pod: Object) -> Object:
    (only,) = pod["spec"]["containers"]
    found: Object = only
    return found


def connections() -> int:
    """The most that one process of a service opens to PostgreSQL: its three pools', and the relay's."""
    return 1 + sum(p.default for p in signature(Database).parameters.values() if isinstance(p.default, int))


def secret_files() -> dict[str, set[str]]:
    """The files of each secret that kustomize makes, below the folder of secrets."""
    return {s["name"]: {f.partition("=")[2] or f for f in s["files"]} for s in kustomization()["secretGenerator"]}


def settings_of(pod: Object) -> dict[str, str]:
    """What a pod's program finds in its environment, with a word in place of each secret and of what the pod fills in."""
    given = {e["name"]: e.get("value", "0") for e in container(pod).get("env", [])}
    return {**given, **dict.fromkeys(_in_folders(pod), "secret")}


def _in_folders(pod: Object) -> Iterator[str]:
    secrets = secret_files()
    for volume in pod["spec"].get("volumes", []):
        if "secret" in volume:
            names = {file.rpartition("/")[2] for file in secrets[volume["secret"]["secretName"]]}
            yield from (name for name in names if name.startswith("SHIPEI_"))
