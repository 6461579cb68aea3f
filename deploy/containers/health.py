"""The image's health check: asks the container's program whether it is ready. Says nothing, exits with 0 or 1.

Written with sockets alone, as it runs every few seconds in every container and an HTTP library takes long to load.
"""

import os
import socket
import sys
from pathlib import Path

STEPS = ("keys", "migrate", "topics")  # serve nothing; what runs is well
AT_THE_ROOT = "gateway"  # all others answer below their name
SECONDS = 8.0


def path(command_line: bytes) -> str | None:
    """Where the program with this command line (as /proc has it) answers; None for a step.

    Before it becomes its program the entry point has the same name as an argument.
    """
    words = command_line.decode().split("\0")
    name = words[3] if words[2] == "deploy.containers" else words[2].rpartition(".")[2]
    return None if name in STEPS else "/readyz" if name == AT_THE_ROOT else f"/{name}/readyz"


def ready(port: int, asked: str) -> bool:
    """Whether the program on this port answers 200."""
    try:
        with socket.create_connection(("127.0.0.1", port), SECONDS) as connection:
            connection.sendall(f"GET {asked} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            return connection.recv(64).split(b" ")[1:2] == [b"200"]
    except OSError:
        return False


def main() -> int:
    """The exit code for the first process of this container."""
    asked = path(Path("/proc/1/cmdline").read_bytes())
    return int(asked is not None and not ready(int(os.environ["SHIPEI_PORT"]), asked))


if __name__ == "__main__":
    sys.exit(main())
