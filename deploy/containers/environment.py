"""The settings of a container's program: those given to it, then those in the key folders that are mounted for it."""

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path

from deploy.containers import replica
from deploy.local.paths import SERVICES
from deploy.local.say import Trouble, say

KEYS = Path("/keys")


def prepared(command: str) -> dict[str, str]:
    """What a command's environment lacks. Raises Trouble when the development login would be open to others."""
    found = {**from_files(KEYS), "SHIPEI_JWKS": str(key_set(KEYS)), **os.environ}
    if command in SERVICES:
        found.setdefault("SHIPEI_REPLICA", replica.name())
    if command == "gateway":
        refuse_open_login(found)
        say("ready", address=found.get("SHIPEI_GATEWAY_URL", ""))
    return found


def from_files(folder: Path) -> dict[str, str]:
    """Every file below the folder that is called like a setting (``SHIPEI_…``), with its content."""
    return {file.name: file.read_text() for file in sorted(folder.glob("*/SHIPEI_*"))}


def key_set(folder: Path) -> Path:
    """The public keys that tokens are checked with: the sign-in provider's where it is mounted, else the development login's."""
    provider = folder / "provider.json"
    return provider if provider.exists() and provider.read_text() else folder / "all" / "jwks.json"


def refuse_open_login(settings: Mapping[str, str]) -> None:
    """The development login asks for no password: it is for addresses of this machine alone."""
    published = settings.get("SHIPEI_ADDRESS", "127.0.0.1")
    login = settings.get("SHIPEI_DEVELOPMENT_LOGIN", "").lower() in {"1", "true", "yes", "on"}
    if login and not ipaddress.ip_address(published).is_loopback:
        raise Trouble("open_login", address=published)
