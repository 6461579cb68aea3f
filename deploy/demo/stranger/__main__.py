"""``python -m stranger KAFKA PREFIX [--forbidden FILE]``: prints one JSON object.

``streams`` and ``events`` are how many there are, ``gaps`` streams whose versions are not 1..n, or not first told in that
order, or of which one stands for two events, ``split`` streams found in two partitions or under a wrong key, ``leaks``
records in which a line of FILE stands. ``tables`` has each ranking of each
published year, over each group, by each measure that gives a rank.
"""

import argparse
import asyncio
import json
from pathlib import Path

from .recount import recount

parser = argparse.ArgumentParser(prog="stranger", description="Recomputes every league table from the topics.")
parser.add_argument("kafka", help="host:port")
parser.add_argument("prefix", help="of the topics")
parser.add_argument("--forbidden", type=Path, help="a file with one forbidden string a line")


if __name__ == "__main__":
    asked = parser.parse_args()
    words = asked.forbidden.read_text(encoding="utf-8").splitlines() if asked.forbidden else []
    found = asyncio.run(recount(asked.kafka, asked.prefix, [w for w in words if w]))
    print(json.dumps(found, ensure_ascii=False, default=str))
