"""The number of a replica, which stays with it over restarts: members of a consumer group are known by it (ADR 12)."""

import re
import socket
import subprocess


def name() -> str:
    """The number in the container's name, as the engine's name service tells it; else the host's name.

    Compose calls replicas ``<project>-<service>-<number>``, also after they were made anew.
    """
    host = socket.gethostname()
    return number(_told(socket.gethostbyname(host))) or host


def number(container: str) -> str | None:
    """``shipei-notify-2.shipei_default`` → ``2``; None for a name without a number."""
    found = re.fullmatch(r".*[-_](\d+)", container.partition(".")[0])
    return found[1] if found else None


def _told(address: str) -> str:
    """The name service's answer alone: /etc/hosts knows nothing but the host's own name."""
    asked = subprocess.run(
        ["getent", "--service=dns", "hosts", address], capture_output=True, text=True, check=False, timeout=10
    )
    return asked.stdout.split()[-1] if asked.stdout.strip() else ""
