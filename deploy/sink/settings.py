"""What the sink reads from its environment (prefix ``SHIPEI_``)."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Addresses; ``smtp`` is where it listens (host:port), ``sink_file`` keeps the messages over a restart."""

    model_config = SettingsConfigDict(env_prefix="SHIPEI_")

    host: str = "127.0.0.1"
    port: int
    smtp: str
    receipts_url: str = ""
    sink_file: Path | None = None
