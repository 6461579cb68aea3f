"""Makes a folder once: under a temporary name, then renamed; two first commands in a checkout don't disturb each other."""

import shutil
from collections.abc import Callable
from pathlib import Path

from deploy.local.environment import alone


def once(place: Path, make: Callable[[Path], None]) -> Path:
    """The folder; when it is not there, `make` fills an empty one. `make` must not make another: the lock is held."""
    if not place.exists():
        with alone():
            if not place.exists():
                half = place.with_suffix(".half")
                shutil.rmtree(half, ignore_errors=True)
                half.mkdir(parents=True)
                make(half)
                half.rename(place)
    return place
