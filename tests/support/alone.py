"""A folder in which a program stands as at a stranger's: beside it one library and what that needs, nothing else."""

import re
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path


def beside(folder: Path, package: Path, library: str) -> Path:
    """Copy the package into a new folder and link the library to it; gives the folder."""
    shutil.copytree(package, folder / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    for top in {top for name in needed(library) for top in tops(name)}:
        (folder / top.name).symlink_to(top)
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with the standard library and this folder as its whole world, without our environment."""
    command = [sys.executable, "-S", "-s", *arguments]
    return subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True, check=False, timeout=120)


def needed(library: str) -> set[str]:
    """The distribution and those that it requires, extras left out."""
    below = [re.match(r"[\w.-]+", r) for r in distribution(library).requires or () if "extra ==" not in r]
    return {library}.union(*(needed(name[0]) for name in below if name))


def tops(name: str) -> set[Path]:
    """The modules and packages that a distribution puts beside others."""
    found = distribution(name)
    parts = {f.parts[0] for f in found.files or () if f.suffix in {".py", ".so"} and ".." not in f.parts}
    return {Path(str(found.locate_file(part))) for part in parts}
