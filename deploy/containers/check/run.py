"""``make compose-check``: the system in containers, from an engine with nothing on it to an engine with nothing on it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any, Final

from deploy.containers.check import bases, blows, engine
from deploy.containers.check.engine import answers, docker, told
from deploy.containers.check.figures import Figures
from deploy.containers.check.stack import PROJECT, Stack, left, listed, replica
from deploy.demo.stage import START
from deploy.local.paths import SERVICES, STATE
from deploy.local.ports import free_port
from deploy.local.say import Trouble, say

IMAGE: Final = f"{PROJECT}:latest"
TOOLS: Final = ("pip", "pip3", "gcc", "cc", "make", "node", "npm", "git", "curl")
STARTED: Final = "loading"


def run() -> int:
    """0 when everything holds. Raises Trouble when the engine, a base or a start fails."""
    found = engine.find()
    images = bases.provide()
    figures = Figures(found.about, {name: origin(image) for name, image in images.items()})
    logs = STATE / "run" / PROJECT
    logs.mkdir(parents=True, exist_ok=True)
    settings = {**images, "SHIPEI_IMAGE": IMAGE, "COMPOSE_PROJECT_NAME": PROJECT, "SHIPEI_CHECK_LOGS": str(logs),
                "SHIPEI_CHECK_START": START.isoformat(), "SHIPEI_GATEWAY_PORT": str(free_port())}  # fmt: skip
    stack = Stack(found, settings, logs)
    with nothing_left(stack, figures):
        build(stack, figures)
        play_story(stack, figures)
        keep(stack, figures)
        strike_under_load(stack, figures)
    figures.write()
    for wrong in figures.wrong:
        print(f"  ✗ {wrong}")
    say("compose_held" if not figures.wrong else "compose_failed", count=len(figures.wrong))
    return int(bool(figures.wrong))


def origin(image: str) -> str:
    """An image with what is to be said about where it comes from."""
    return f"{image} (made here from packages: no image registry answered)" if bases.made(image) else image


@contextmanager
def nothing_left(stack: Stack, figures: Figures) -> Iterator[None]:
    """What an earlier, killed check left goes first; at the end everything goes, and that is looked up."""
    stack.down("--volumes")
    (stack.logs / "stack.log").unlink(missing_ok=True)
    try:
        yield
    except Trouble:
        stack.remember()
        raise
    finally:
        stack.down("--volumes")
        answers("image", "rm", IMAGE)
    figures.expect(holds=not left(), what=f"left behind: {left()}")
    figures.expect(holds=not answers("image", "inspect", IMAGE), what=f"left behind: {IMAGE}")


def build(stack: Stack, figures: Figures) -> None:
    """The image: how long, how large, whose user, and nothing in it that builds or installs."""
    begun = time.monotonic()
    told(stack.command("build", "--quiet"), stack.settings)
    figures.build = time.monotonic() - begun
    figures.size = int(docker("image", "inspect", "--format", "{{.Size}}", IMAGE))
    user = docker("image", "inspect", "--format", "{{.Config.User}}", IMAGE)
    figures.expect(holds=user.split(":")[0] not in {"", "0", "root"}, what=f"the image's user is {user!r}")
    look = f"command -v {' '.join(TOOLS)}; true"
    tools = docker("run", "--rm", "--network", "none", "--entrypoint", "sh", IMAGE, "-c", look)
    figures.expect(holds=not tools, what=f"tools in the image: {tools}")


def play_story(stack: Stack, figures: Figures) -> None:
    """Two of each service, and the demonstration's story with its checks."""
    figures.up = stack.up()
    figures.replicas = {s: [replica(c) for c in stack.containers(s)] for s in SERVICES}
    for service, numbers in figures.replicas.items():
        figures.expect(holds=numbers == ["1", "2"], what=f"replicas of {service}: {numbers}")
    with stack.followed():
        figures.story = finished(stack.play("story"))
    silent = [
        c for s in SERVICES for c in stack.containers(s) if c.removeprefix(f"{PROJECT}-") not in figures.story["lines"]
    ]
    figures.expect(holds=not silent, what=f"no log of {silent} was looked through")
    figures.expect(holds=figures.story["checks"] > 0, what="the story has no checks")
    figures.wrong += [f"story: {check['name']}: {check}" for check in figures.story["failed"]]
    figures.wrong += [f"no name on {page}" for page in figures.story["unnamed"]]


def keep(stack: Stack, figures: Figures) -> None:
    """Volumes outlive `down`; the next `up` finds everything, here with three of notify."""
    before = finished(stack.play("kept"))
    stack.down()
    volumes = listed("volume")
    figures.expect(holds=f"{PROJECT}_postgres" in volumes and f"{PROJECT}_kafka" in volumes, what=f"kept: {volumes}")
    stack.up("--scale", "notify=3")
    after = finished(stack.play("kept"))
    figures.expect(
        holds=before == after and min(after.values()) > 0, what=f"places: {before}, after down and up {after}"
    )
    numbers = [replica(c) for c in stack.containers("notify")]
    figures.expect(holds=numbers == ["1", "2", "3"], what=f"replicas of notify: {numbers}")
    stack.down("--volumes")


def strike_under_load(stack: Stack, figures: Figures) -> None:
    """Kills and a rolling restart while rosters and classes come in."""
    stack.up()
    player = stack.play("load")
    until_loading(player)
    figures.blows = blows.strike(stack)
    answers("kill", "--signal", "TERM", f"{PROJECT}-player")  # if it has ended before, it says why
    figures.load = finished(player)
    figures.start = median(b.back for b in figures.blows if b.kind == "restart")
    figures.wrong += [f"load: {what}: {ids[:5]}" for what, ids in figures.load["wrong"].items()]
    last = max(figures.load["answers"], default=0.0)
    figures.expect(holds=last > figures.blows[-1].at, what="no command was answered after the last blow")
    figures.expect(
        holds=figures.spans() > len(figures.blows) / 2, what=f"commands came between {figures.spans()} blows"
    )


def until_loading(player: "subprocess.Popen[str]") -> None:
    """Read on until the player says that its load has begun. Raises Trouble when it ends before."""
    assert player.stdout is not None  # noqa: S101 - asked for in Stack.play
    for line in player.stdout:
        if line.strip() == STARTED:
            return
    raise Trouble("player", output="")


def finished(player: "subprocess.Popen[str]") -> dict[str, Any]:
    """What the player found: the last line that it prints. Raises Trouble when it failed."""
    last = "{}"
    assert player.stdout is not None  # noqa: S101 - asked for in Stack.play
    for line in player.stdout:
        last = line
        if not line.startswith("{"):
            sys.stdout.write(line)
    if player.wait():
        raise Trouble("player", output=last)
    result: dict[str, Any] = json.loads(last)
    return result
