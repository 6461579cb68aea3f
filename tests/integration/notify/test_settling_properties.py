"""Receipt, look-up, late answer, dead caller and operator, in any order and repeated, against the ledger in PostgreSQL."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.notify.doubts.service import LOOK_UP, decide
from services.notify.receipts.service import Receipt, take
from services.notify.sending import store
from services.notify.sending.domain import Outcome
from services.notify.sending.store import Answer, Written
from shared.problems import Problem
from tests.integration.notify.ground import Ground, at, selected
from tests.integration.notify.test_doubts import PROVINCE

NOW = at(7, 20)
LEASE = 30.0
AFTER = {  # what a state may become; what stands in no line may become anything
    "accepted": {"accepted", "delivered", "failed"},
    "failed": {"failed", "delivered"},
    "delivered": {"delivered"},
}
numbers = count()

which = st.sampled_from([0, 0, 0, 1])  # which call is meant, counted from the last
happenings = st.one_of(
    st.tuples(st.just("answer"), which, st.sampled_from(["accepted", "rejected", "deferred", "in_doubt", "in_doubt"])),
    st.just(("die",)),
    st.tuples(st.just("receipt"), which, st.booleans()),
    st.tuples(st.just("look_up"), st.booleans()),
    st.tuples(st.just("operator"), which, st.sampled_from(["sent", "resend"])),
)
stories = st.lists(st.tuples(happenings, st.booleans()), min_size=2, max_size=10)


@dataclass
class Message:
    """One SMS of the ledger, its calls so far, and everything that can happen to it.

    ``given_up`` are calls whose doubt was settled as "never arrived"; a late receipt of failure may still prove otherwise.
    """

    ground: Ground
    message_id: str
    attempts: list[str] = field(default_factory=list)
    given_up: set[str] = field(default_factory=set)

    async def row(self) -> dict[str, Any]:
        (row,) = await self.ground.rows("message_id = $1", self.message_id)
        return row

    async def history(self) -> list[tuple[str, str | None]]:
        """State of each call, and who settled it."""
        async with self.ground.db.system() as con:
            found = {
                r["attempt_id"]: r
                for r in await con.fetch("select * from attempt where message_id = $1", self.message_id)
            }
        return [(found[a]["state"], found[a]["settled_by"]) for a in self.attempts]

    def of(self, number: int) -> list[str]:
        return self.attempts[::-1][number : number + 1]

    async def state_after(self, before: str, what: object) -> str:
        state: str = (await self.row())["state"]
        assert state in AFTER.get(before, {state}), what
        return state

    async def do(self, step: Sequence[Any]) -> None:
        await getattr(self, step[0])(*step[1:])

    async def call(self) -> None:
        """A dispatcher finds the row due and calls; the waiting time between tries is over."""
        token, attempt = f"token-{next(numbers)}", f"{self.message_id}.{len(self.attempts) + 1}"
        async with self.ground.db.write() as con:
            await con.execute("update reminder set retry_at = null where message_id = $1", self.message_id)
            rows = await store.claim(con, "sms", NOW, token, LEASE, 5)
            written = [Written(r.message_id, attempt, "139****0000", None, "text", 1) for r in rows]
            passed = await store.look(con, token, written, NOW, LEASE)
        before = await self.history()
        if passed:
            sure = [state == "deferred" or (by is not None and a in self.given_up)
                    for a, (state, by) in zip(self.attempts, before, strict=True)]  # fmt: skip
            self.attempts.append(attempt)
            assert all(sure), "a second call while an earlier one may have arrived"

    async def answer(self, number: int, result: Any) -> None:
        answers = [
            Answer(self.message_id, a, self.attempts.index(a) + 1, Outcome(result, "code")) for a in self.of(number)
        ]
        async with self.ground.db.write() as con:
            await store.answer(con, answers, NOW)

    async def die(self) -> None:
        """The caller's lease has run out."""
        async with self.ground.db.write() as con:
            await con.execute(
                "update attempt set lease_until = clock_timestamp() - interval '1 s' where state = 'calling'"
            )
            await store.lose_leases(con)

    async def receipt(self, number: int, delivered: bool) -> None:
        async with self.ground.db.write() as con:
            await take(
                con,
                [Receipt(a, delivered, "DELIVERED" if delivered else "ERROR", None) for a in self.of(number)] * 2,
                NOW,
            )

    async def look_up(self, found: bool) -> None:
        """As the settler does with each doubt that it finds."""
        async with self.ground.db.write() as con:
            doubts = await store.doubts(con, "sms", 0, 5)
            if found:
                await store.answer(
                    con,
                    [Answer(d["message_id"], d["attempt_id"], 0, Outcome("accepted", "OK")) for d in doubts],
                    NOW,
                    LOOK_UP,
                )
            else:
                await store.send_again(con, [d["attempt_id"] for d in doubts], LOOK_UP, NOW)
                self.given_up |= {d["attempt_id"] for d in doubts}

    async def operator(self, number: int, decision: Any) -> None:
        for attempt in self.of(number):
            try:
                async with self.ground.db.write() as con:
                    await decide(con, store.context(NOW), PROVINCE, attempt, decision)
                self.given_up |= {attempt} if decision == "resend" else set()
            except Problem as problem:
                assert problem.code == "doubt-settled"  # noqa: PT017  (both outcomes are fine)

    async def said(self) -> list[str]:
        """The kinds of its events; their versions have no gap."""
        mine = [(t.split(".")[2], v) for s, t, v in await self.ground.events() if s == self.message_id]
        assert [v for _, v in mine] == list(range(1, len(mine) + 1))
        return [kind for kind, _ in mine]


async def new_message(ground: Ground) -> Message:
    """The only one that is due, in a ledger that keeps those of earlier examples."""
    number = next(numbers)
    await ground.tell(NOW, selected(number))
    async with ground.db.write() as con:
        message = await con.fetchval(
            "select message_id from reminder where channel = 'sms' and recipient_id = $1", f"t{number}"
        )
        await con.execute("update reminder set state = 'withdrawn', queue_at = null where message_id <> $1", message)
        await con.execute("update attempt set state = 'rejected' where state in ('calling', 'in_doubt')")
        await con.execute("update reminder set queue_at = $2 where message_id = $1", message, NOW)
    return Message(ground, message)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories)
async def test_no_state_falls_and_nothing_goes_out_twice_without_a_recorded_doubt(
    bare: Ground, story: list[tuple[tuple[Any, ...], bool]]
) -> None:
    """After each happening the dispatcher looks at the row, at once or only after the next one."""
    message = await new_message(bare)
    await message.call()
    state = "sending"
    for happening, looks in story:
        await message.do(happening)
        state = await message.state_after(state, happening)
        if looks:
            await message.call()
            state = await message.state_after(state, "call")
    said, row = await message.said(), await message.row()
    assert row["stream_version"] == len(said)
    assert max(Counter(said).values(), default=1) == 1
    assert "delivered" not in said[:-1], "nothing is said of a message after its delivery"
    assert (state == "delivered") == ("delivered" in said)
    assert {"accepted": "sent", "delivered": "delivered", "failed": "failed"}.get(state) in {None, *said[-1:]}
