"""What the gateway reads from its environment (prefix ``SHIPEI_``)."""

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Addresses, files and switches. ``routes`` names the origin of each part: enrolment … reporting, sink."""

    model_config = SettingsConfigDict(env_prefix="SHIPEI_")

    host: str = "127.0.0.1"
    port: int
    routes: dict[str, str]
    assets: Path | None = None
    demo: bool = False
    service_token: SecretStr | None = None
    issuer: str = "shipei-local"
    development_login: bool = False
    signing_key: Path | None = None
    jwks: Path | None = None
    accounts: Path | None = None
