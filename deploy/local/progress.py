"""A bar in the terminal while something is fetched; without a terminal only the last line is printed."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WIDTH = 30


def bar(done: float, total: float, label: str) -> None:
    if sys.stderr.isatty():
        filled = "#" * int(WIDTH * min(done / total, 1))
        print(f"\r  [{filled:<{WIDTH}}] {label[:44]:<44}", end="", file=sys.stderr, flush=True)


def end(sentence: str) -> None:
    print(("\r" if sys.stderr.isatty() else "") + f"{sentence:<80}", file=sys.stderr, flush=True)


@contextmanager
def growing(folder: Path, about: int) -> Iterator[None]:
    """Shows how many megabytes have arrived in a folder, of `about` so many, while another program fills it."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.3):
            arrived = _megabytes(folder)
            bar(arrived, about, f"{arrived:.0f} / ~{about} MB")

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _megabytes(folder: Path) -> float:
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.lstat().st_size
        except FileNotFoundError:
            continue  # npm moves its files about while it works
    return total / 1e6
