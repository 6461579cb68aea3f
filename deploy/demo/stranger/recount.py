"""All that can be said of the topics."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from .facts import gather
from .leaks import leaks
from .reading import headers, read
from .streams import check_streams, fold
from .tables import tables

COUNTED = re.compile(r"training\.(unit|programme|quota|class|place|document|inspection)\.v1$")


async def recount(kafka: str, prefix: str, forbidden: Iterable[str] = ()) -> dict[str, Any]:
    """Read everything, check the streams, look for forbidden words, draw the tables as of the newest event in them."""
    records = await read(kafka, prefix)
    counted = [r for r in records if COUNTED.search(r.topic)]
    as_of = max(datetime.fromisoformat(headers(r)["ce_time"]) for r in counted)
    drawn = tables(gather(fold(records)), as_of)
    return {**check_streams(records), "leaks": leaks(records, forbidden), "as_of": as_of.isoformat(), "tables": drawn}
