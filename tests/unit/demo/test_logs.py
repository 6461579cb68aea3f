"""That no line tells a person's data means nothing where no line was read."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from deploy.demo.checks import logs
from deploy.demo.ledger import Ledger, Sources
from deploy.local.paths import SERVICES

WRITERS = [*SERVICES, "gateway", "sink"]


async def check(folder: Path) -> tuple[bool, Any]:
    stage: Any = SimpleNamespace(private={"陈样例"}, reachable=set())
    ledger = Ledger()
    await logs(stage, Sources(dict.fromkeys(SERVICES, ""), "", "", "", folder), ledger)
    (found,) = ledger.checks
    return found.holds, found.actual


def line(service: str, said: str = "up") -> str:
    return f'{{"event": "{said}", "service": "{service}"}}\n'


async def test_lines_of_each_process_are_read(tmp_path: Path) -> None:
    for name in WRITERS:
        (tmp_path / f"{name}.log").write_text(line(name))
    assert await check(tmp_path) == (True, {"read": sorted(WRITERS), "leaks": []})


async def test_the_output_of_containers_in_one_file_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "stack.log").write_text("".join(f"{name}-1  | {line(name)}" for name in WRITERS))
    assert (await check(tmp_path))[0]


async def test_an_empty_folder_or_one_silent_process_does_not_hold(tmp_path: Path) -> None:
    assert await check(tmp_path) == (False, {"read": [], "leaks": []})
    (tmp_path / "stack.log").write_text("".join(map(line, WRITERS[1:])))
    assert not (await check(tmp_path))[0]


async def test_a_line_with_a_name_is_found(tmp_path: Path) -> None:
    (tmp_path / "stack.log").write_text("".join(line(name) for name in WRITERS) + line("notify", "sent to 陈样例"))
    holds, found = await check(tmp_path)
    assert (holds, found["leaks"]) == (False, [f"stack.log:{len(WRITERS) + 1}"])
