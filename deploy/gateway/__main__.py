"""``python -m deploy.gateway``: serve until SIGTERM or SIGINT."""

import uvicorn

from deploy.gateway.app import create_app
from deploy.gateway.settings import Settings
from shared.client import KEEP_ALIVE
from shared.telemetry.logs import configure


def main() -> None:
    """Read the environment and serve."""
    configure("gateway")
    settings = Settings()  # type: ignore[call-arg]  # read from the environment
    uvicorn.run(create_app(settings), host=settings.host, port=settings.port, loop="uvloop", log_config=None,
                access_log=False, timeout_graceful_shutdown=5, timeout_keep_alive=KEEP_ALIVE, server_header=False)  # fmt: skip


if __name__ == "__main__":
    main()
