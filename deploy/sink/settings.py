"""What the sink reads from its environment (prefix ``SHIPEI_``)."""

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

REGISTERED = Path(__file__).parents[2] / "services" / "notify" / "texts.yaml"


class Settings(BaseSettings):
    """Addresses and files. ``smtp`` is ``host:port``; ``sink_templates`` holds the SMS templates registered with the provider."""

    model_config = SettingsConfigDict(env_prefix="SHIPEI_")

    host: str = "127.0.0.1"
    port: int
    smtp: str
    receipts_url: str
    service_token: SecretStr | None = None
    service_token_old: SecretStr | None = None
    jwks: Path | None = None
    issuer: str = "shipei-local"
    sink_file: Path
    sink_templates: Path = REGISTERED
    demo: bool = False

    @property
    def smtp_address(self) -> tuple[str, int]:
        """Host and port to listen on."""
        host, _, port = self.smtp.rpartition(":")
        return host, int(port)
