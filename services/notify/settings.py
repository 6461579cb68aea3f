"""What notify reads from its environment beside the shared settings."""

from typing import Self

from pydantic import SecretStr, model_validator

from shared.settings import Settings


class NotifySettings(Settings):
    """Where contacts come from, where messages go, and how far they may go outside production (A13).

    ``enrolment_url`` is an origin, ``smtp`` is ``host:port``, ``sms_url`` the gateway's base. ``receipts_key`` lets a provider
    that can't sign in push its receipts to ``…/receipts/sms?key=…``; without it they need the service token.
    ``receipts_key_old`` is accepted as well.
    """

    enrolment_url: str
    smtp: str
    sms_url: str
    receipts_key: SecretStr | None = None
    receipts_key_old: SecretStr | None = None
    sender: str = "notice@example.invalid"
    production: bool = False
    allowed_domains: tuple[str, ...] = ("example.invalid",)
    allowed_phones: tuple[str, ...] = ("1390000", "13900088", "13900099")
    offices: dict[str, str] = {"project-office": "office@example.invalid"}
    call_seconds: float = 8
    lease_seconds: float = 30
    doubt_seconds: float = 60

    @model_validator(mode="after")
    def outlasting(self) -> Self:
        """A lease that ends before the call would put every slow call in doubt (connecting, asking, handing over: three steps)."""
        if self.lease_seconds <= 3 * self.call_seconds:
            raise ValueError("SHIPEI_LEASE_SECONDS must be more than three times SHIPEI_CALL_SECONDS")
        return self

    @property
    def smtp_address(self) -> tuple[str, int]:
        """Host and port of the mail server."""
        host, _, port = self.smtp.rpartition(":")
        return host, int(port)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The settings of this service out of a runtime's."""
        if not isinstance(settings, cls):
            raise TypeError("notify runs with other settings than its own")
        return settings
