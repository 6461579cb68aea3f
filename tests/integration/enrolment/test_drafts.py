"""A draft is its issuer's: the API shows no other province, nor anybody who issues no years, what nobody has published."""

from pathlib import Path

from tests.integration.enrolment.bureau import Who, at_work
from tests.integration.enrolment.ground import POLICIES
from tests.support.stack import RunService

YEARS = Path(__file__).parents[2] / "support" / "years"
KEY = "yunling-2031"
OWN: Who = ("province", "YL")
OTHERS: list[Who] = [("province", "410000"), ("city", "410100"), ("county", "410183"), ("city", "YL-1"), ("institution", "YL-U")]  # fmt: skip


async def test_a_draft_of_another_issuer_is_neither_listed_nor_read_until_it_is_published(
    run_service: RunService,
) -> None:
    async with at_work(await run_service("enrolment")) as bureau:

        async def seen(who: Who) -> tuple[int, list[str]]:
            years = await bureau.ok(who, "GET", "/programmes")
            return (await bureau.call(who, "GET", f"/programmes/{KEY}")).status_code, [y["key"] for y in years]

        for who, file in ((OTHERS[0], POLICIES / "units-henan.yaml"), (OWN, YEARS / "units-yunling.yaml")):
            await bureau.ok(who, "POST", "/units:import", content=file.read_bytes())
        await bureau.ok(OWN, "POST", "/programmes", content=(YEARS / f"{KEY}.yaml").read_bytes())
        assert await seen(OWN) == (200, [KEY])
        assert [await seen(who) for who in OTHERS] == [(404, [])] * len(OTHERS)
        await bureau.contacts(OWN, ["YL", "YL-1", "YL-2"])
        await bureau.ok(OWN, "POST", f"/programmes/{KEY}/publish")
        assert [await seen(who) for who in OTHERS] == [(200, [KEY])] * len(OTHERS)
