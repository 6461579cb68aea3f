"""Every figure that reporting prints, against what a stranger makes of the topics alone."""

from typing import Any, Final

from deploy.demo import stranger
from deploy.demo.client import Api
from deploy.demo.ledger import Ledger, Sources
from deploy.demo.stage import Stage

TOPICS: Final = "all topics, read from the start, against /reporting/league/{year}/{group}.json"
RANKED: Final = {"henan-2021": ("city", "institution"), "zhengzhou-2022": ("county", "institution")}
ROW: Final = ("state", "rank", "counts", "rates")
SHOWN: Final = 20


async def recomputed(stage: Stage, sources: Sources, ledger: Ledger) -> None:
    """Each table of each year by each measure, counts, rates, intervals and ranks; whole streams; nobody's data in them."""
    found = await stranger.recount(sources.kafka, sources.topic_prefix, stage.private)
    for name in ("gaps", "split", "leaks"):
        ledger.add(f"events.{name}", [], found[name], "all topics, read from the start")
    province = await stage.as_("province")
    for year, level in [(year, level) for year, levels in RANKED.items() for level in levels]:
        drawn = {key: t for key, t in found["tables"].items() if key.startswith(f"{year}/") and f"/{level}/" in key}
        printed = {key: await published(province, *key.split("/")) for key in drawn}
        ledger.add(f"events.{year}.{level}", *compared(figures(printed), figures(drawn)), TOPICS)


async def published(api: Api, year: str, group: str, level: str, measure: str) -> dict[str, Any]:
    """A table as reporting prints it: each row by its code, and the total."""
    body = await api.get(f"/reporting/league/{year}/{group}.json", level=level, formula=measure)
    rows = {row["code"] or "": {name: row[name] for name in ROW} for row in body["rows"]}
    return {**rows, "total": {name: body["total"][name] for name in ("counts", "rates")}}


def figures(node: Any, path: str = "") -> dict[str, str]:
    """Every figure below a node, as text, by its path."""
    if not isinstance(node, dict | list):
        return {path: str(node)}
    below = node.items() if isinstance(node, dict) else enumerate(node)
    return {p: figure for key, child in below for p, figure in figures(child, f"{path}/{key}").items()}


def compared(expected: dict[str, str], actual: dict[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """For either side: how many figures there are, and the first of those that differ."""
    different = sorted(p for p in expected.keys() | actual.keys() if expected.get(p) != actual.get(p))[:SHOWN]
    here, there = ({"figures": len(s), "different": {p: s.get(p) for p in different}} for s in (expected, actual))
    return here, there
