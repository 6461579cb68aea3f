"""What browsers load from the gateway: taken from npm packages at set-up, never from another machine at run time."""

import shutil
from pathlib import Path

from deploy.local import npm
from deploy.local.once import once
from deploy.local.paths import STATE

FILES = {
    "bootstrap/bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "bootstrap/LICENSE": "bootstrap/LICENSE",
}


def provide() -> Path:
    """The folder that the gateway serves under /assets/, besides the project's own files; made once per pin."""
    place = STATE / "assets" / npm.key()
    if not place.exists():
        packages = npm.provide("web")  # before the lock that `once` takes
        once(place, lambda folder: copy(packages, folder))
    return place


def copy(packages: Path, folder: Path) -> None:
    for target, origin in FILES.items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(packages / origin, folder / target)
