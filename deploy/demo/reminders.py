"""When one teacher of the story's class was reminded of it: at the policy's offsets, and after the move at those of the new day."""

from typing import Any, Final

from deploy.demo.ledger import Ledger, Sources
from deploy.demo.stage import Stage, civil

KIND: Final = "before-class"
SENT: Final = {"email": "accepted", "sms": "delivered"}  # a phone's network reports back, a mail server does not
# The policy reminds 7, 3 and 1 days before, at 09:00. Told of 23 August, moved to 26 August on 17 August at 10:00: by then
# the first had gone out; the other two are void from that minute on, and none of the new three is past.
DUE: Final = {
    ("2021-08-23", "2021-08-16 09:00"): "2021-08-16 09:00",
    ("2021-08-26", "2021-08-19 09:00"): "2021-08-19 09:00",
    ("2021-08-26", "2021-08-23 09:00"): "2021-08-23 09:00",
    ("2021-08-26", "2021-08-25 09:00"): "2021-08-25 09:00",
}
VOID: Final = {
    ("2021-08-23", "2021-08-20 09:00"): "2021-08-17 10:00",
    ("2021-08-23", "2021-08-22 09:00"): "2021-08-17 10:00",
}


async def check(stage: Stage, _: Sources, ledger: Ledger) -> None:
    """Each reminder on either channel: which day it tells, when it was due, what became of it and when."""
    path, person = "/notify/ledger.json", stage.places[0]["person_id"]
    lines = (await (await stage.as_("province")).get(path, person=person, **{"class": stage.class_id}))["messages"]
    found = sorted(row(line) for line in lines if line["kind"] == KIND and line["channel"] in SENT)
    ledger.add("reminders.offsets", expected(), found, path)


def expected() -> list[tuple[str, ...]]:
    """The rows of both channels."""
    sent = [(channel, *asked, state, at) for channel, state in SENT.items() for asked, at in DUE.items()]
    void = [(channel, *asked, "withdrawn", at) for channel in SENT for asked, at in VOID.items()]
    return sorted(sent + void)


def row(line: Any) -> tuple[str, ...]:
    """Channel, the day that it tells, when it was due, what became of it, when."""
    return line["channel"], line["announced"], civil(line["due_at"]), line["state"], civil(line["settled_at"])
