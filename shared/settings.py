"""What every service reads from its environment (prefix ``SHIPEI_``). Only a service's ``app.py`` reads it."""

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Addresses, roles and switches of one service process. ``service_token_old`` is accepted as well, and never sent.

    ``dsn_owner`` is for the command ``migrate`` alone; a process that serves is not given it.
    """

    model_config = SettingsConfigDict(env_prefix="SHIPEI_")

    host: str = "127.0.0.1"
    port: int
    dsn_owner: str = ""
    dsn_writer: str
    dsn_reader: str
    kafka: str
    topic_prefix: str = ""
    clock: Literal["real", "stepped"] = "real"
    clock_start: datetime | None = None
    replica: str = "0"
    jwks: Path
    issuer: str = "shipei-local"
    service_token: SecretStr
    service_token_old: SecretStr | None = None
    gateway_url: str = ""
    demo: bool = False
