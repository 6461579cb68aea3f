"""Two first commands in one checkout."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.local.once import once


def test_two_at_the_same_moment_make_a_folder_once_and_whole(tmp_path: Path) -> None:
    """The second begins while the first is at work, waits, and finds it made."""
    place, begun, go_on = tmp_path / "npm-web-1", threading.Event(), threading.Event()
    made = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "first").touch()
        begun.set()
        go_on.wait()
        (folder / "last").touch()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(once, place, make)
        begun.wait()
        second = pool.submit(once, place, make)
        assert not second.done()
        go_on.set()
        assert first.result() == second.result() == place
    assert len(made) == 1
    assert sorted(f.name for f in place.iterdir()) == ["first", "last"]


def test_what_a_killed_first_command_left_is_made_anew(tmp_path: Path) -> None:
    half = tmp_path / "assets.half"
    half.mkdir()
    (half / "old").touch()
    place = once(tmp_path / "assets", lambda folder: (folder / "new").touch())
    assert [f.name for f in place.iterdir()] == ["new"]
