"""What enrolment reads from its environment beside the shared settings."""

from pydantic import SecretStr

from shared.settings import Settings


class EnrolmentSettings(Settings):
    """``seal_key`` (base64 of 32 bytes) closes ID numbers; uploaded rosters are forgotten after some days."""

    seal_key: SecretStr
    roster_days: int = 400
