"""What browsers load from the gateway: taken from npm packages at set-up, never from another machine at run time."""

import shutil
from pathlib import Path

from deploy.local import npm
from deploy.local.paths import STATE

FILES = {
    "bootstrap/bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "bootstrap/LICENSE": "bootstrap/LICENSE",
}


def provide() -> Path:
    """The folder that the gateway serves under /assets/, besides the project's own files; made once per pin."""
    place = STATE / "assets" / npm.key()
    if not place.exists():
        source = npm.provide("web")
        half = place.with_suffix(".half")
        shutil.rmtree(half, ignore_errors=True)
        for target, origin in FILES.items():
            (half / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / origin, half / target)
        half.rename(place)
    return place
