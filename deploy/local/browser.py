"""The browser of the tests: this machine's Chromium or Chrome, else the npm package @sparticuz/chromium, with a Chinese font of ours."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import node, npm
from deploy.local.once import once
from deploy.local.paths import DOWNLOADS
from deploy.local.say import failure, say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--headless=shell",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
)
UNPACK = "const {default: c} = await import('@sparticuz/chromium'); console.log(await c.executablePath())"


@dataclass(frozen=True)
class Browser:
    """For Playwright's `launch`: `environment` is for the browser alone, `driver` is Playwright's own Node."""

    executable: str
    driver: str
    arguments: tuple[str, ...] = ARGUMENTS
    environment: dict[str, str] = field(default_factory=dict)


def provide() -> Browser:
    modules = npm.provide("tests")
    place = DOWNLOADS / f"browser-{npm.key()}"
    fonts = {"FONTCONFIG_FILE": str(fonts_file(modules, place))}
    driver = node.wheel().node  # Playwright's own needs libatomic, which a bare Debian lacks
    if system := next((found for name in NAMES if (found := shutil.which(name))), None):
        say("browser_system", path=system)
        return Browser(system, driver, environment=fonts)
    say("browser_package")
    executable, libraries = unpacked(modules, place)
    return Browser(str(executable), driver, environment={**fonts, **libraries})


def fonts_file(modules: Path, place: Path) -> Path:
    """A fontconfig file with the package's font alone: pictures look the same on every machine, and are never blank."""
    font = modules / "@expo-google-fonts" / "noto-sans-sc"
    place.mkdir(parents=True, exist_ok=True)
    file = place / "fonts.conf"
    weights = "".join(f"<dir>{font / weight}</dir>" for weight in ("400Regular", "700Bold"))
    file.write_text(f"<?xml version='1.0'?><fontconfig>{weights}<cachedir>{place / 'fonts'}</cachedir></fontconfig>\n")
    return file


def unpacked(modules: Path, place: Path) -> tuple[Path, dict[str, str]]:
    """The package's browser, unpacked once, and the environment that finds its libraries."""
    ready = once(place / "unpacked", lambda folder: unpack(modules, folder))
    return ready / "chromium", {"LD_LIBRARY_PATH": str(ready / "al2023" / "lib")}


def unpack(modules: Path, folder: Path) -> None:
    """It unpacks into TMPDIR; the name of a Lambda runtime makes it add the libraries that a bare Debian lacks."""
    done = subprocess.run(
        [node.find().node, "--input-type=module", "-e", UNPACK],
        cwd=modules.parent,
        env={**os.environ, "TMPDIR": str(folder), "AWS_LAMBDA_JS_RUNTIME": "nodejs22.x"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not (folder / "chromium").exists():
        raise failure("browser", done.stdout + done.stderr)
