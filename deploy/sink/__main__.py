"""``python -m deploy.sink``: take mails and SMS until SIGTERM or SIGINT."""

import logging

import uvicorn

from deploy.sink.app import create_app
from deploy.sink.settings import Settings
from shared.client import KEEP_ALIVE
from shared.telemetry.logs import configure


def main() -> None:
    """Read the environment and serve."""
    configure("sink")
    logging.getLogger("mail").setLevel(logging.WARNING)  # aiosmtpd logs the receivers' addresses
    settings = Settings()  # type: ignore[call-arg]  # read from the environment
    uvicorn.run(create_app(settings), host=settings.host, port=settings.port, loop="uvloop", log_config=None,
                access_log=False, timeout_graceful_shutdown=3, timeout_keep_alive=KEEP_ALIVE, server_header=False)  # fmt: skip


if __name__ == "__main__":
    main()
