"""The settings of a container's program: those given to it, then those in the key folders that are mounted for it."""

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from deploy.containers import replica
from deploy.gateway.settings import Settings as GatewaySettings
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
    """The development login asks for no password: it is for addresses of this machine alone, published or behind a proxy."""
    if not has_login(settings):
        return
    published, origin = settings.get("SHIPEI_ADDRESS", ""), settings.get("SHIPEI_GATEWAY_URL", "")
    if published and not is_here(published):
        raise Trouble("open_login", setting="SHIPEI_ADDRESS", value=published)
    if origin and not is_here(urlsplit(origin).hostname or ""):
        raise Trouble("open_login", setting="SHIPEI_GATEWAY_URL", value=origin)


def has_login(settings: Mapping[str, str]) -> bool:
    """Whether the gateway will have the development login, by its own reading of the word."""
    field = GatewaySettings.model_fields["development_login"]
    return TypeAdapter(bool).validate_python(settings.get("SHIPEI_DEVELOPMENT_LOGIN", field.default))


def is_here(host: str) -> bool:
    """Whether a host is this machine for certain: a loopback address, or its usual name."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
