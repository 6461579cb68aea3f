import errno
import os
import secrets
import socket

import psutil

from deploy.local.say import Trouble

LOOPBACK = "127.0.0.1"
RANGE = range(
    15_000, 32_000
)  # below the ports that the kernel gives to outgoing connections: a restarted process finds its own free


def free_port() -> int:
    """A port that nobody uses now, at random, so that runs side by side hardly meet."""
    while True:
        port = secrets.choice(RANGE)
        if refusal(port) is None:
            return port


def wanted_port(variable: str) -> int:
    """The port that the environment asks for by `variable`, else a free one. Raises Trouble when it is taken or no number."""
    wanted = os.environ.get(variable)
    if not wanted:
        return free_port()
    if not wanted.isdigit() or not 0 < int(wanted) < 65536:  # noqa: PLR2004 - what a port is
        raise Trouble("port_no_number", variable=variable, value=wanted)
    if error := refusal(int(wanted)):
        raise Trouble("port_forbidden" if error.errno == errno.EACCES else "port_taken", variable=variable, port=wanted)
    return int(wanted)


def refusal(port: int) -> OSError | None:
    """Why nobody could listen on the port now; None when one could."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free for a listener
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            return error
    return None


def listens(pid: int, port: int | None) -> bool:
    """Whether this very process listens on the port."""
    try:
        found = psutil.Process(pid).net_connections("inet")
    except psutil.NoSuchProcess:
        return False
    return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in found)
