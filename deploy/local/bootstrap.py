"""From a bare Python to `python -m deploy.local <command>`: the standard library alone, and sentences instead of tracebacks.

Makes .shipei/venv from requirements-dev.txt, with hashes; a marker says that it is whole. What a killed set-up left is
made anew, what pip downloaded before comes from its own cache.
"""

import json
import string
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def sentence(key: str, **variables: object) -> str:
    part, name = key.split(".")
    with (HERE / "texts.json").open(encoding="utf-8") as file:
        text = json.load(file)[part][name]
    return " / ".join(string.Template(text[language]).substitute(variables) for language in ("zh", "en"))


def stop(key: str, **variables: object) -> None:
    sys.exit(sentence("troubles." + key, **variables))


for stream in (sys.stdout, sys.stderr):
    if hasattr(stream, "reconfigure"):  # not before Python 3.7, which is told so below
        stream.reconfigure(encoding="utf-8", errors="replace")
if sys.version_info < (3, 11):  # noqa: UP036 - this is what tells the newcomer
    stop("wrong_python", version="{}.{}".format(*sys.version_info[:2]), path=sys.executable)
sys.path.insert(0, str(HERE.parents[1]))

if __name__ == "__main__":
    from deploy.local.environment import main

    sys.exit(main(sys.argv[1:]))
