from tests.integration.notify.ground import Ground, at, selected

NOW = at(7, 20)


async def types(ground: Ground, message_id: str) -> list[tuple[str, int]]:
    return [(t.split(".")[2], v) for s, t, v in await ground.events() if s == message_id]


async def test_receipts_deliver_once_however_often_they_come(bare: Ground) -> None:
    await bare.tell(NOW, selected(0))
    await bare.send(NOW)
    assert await bare.receipts(now=NOW) == 1
    assert await bare.receipts(now=NOW) == 0
    (row,) = await bare.rows("channel = 'sms' and recipient_id = 't0'")
    assert row["state"] == "delivered"
    assert await types(bare, row["message_id"]) == [("sent", 1), ("delivered", 2)]


async def test_a_late_failure_does_not_lower_what_was_delivered(bare: Ground) -> None:
    await bare.tell(NOW, selected(0))
    await bare.send(NOW)
    await bare.receipts(now=NOW)
    assert await bare.receipts(delivered=False, now=NOW) == 0
    assert (await bare.states("channel = 'sms' and recipient_id = 't0'")) == {"delivered": 1}


async def test_a_receipt_that_beats_the_answer_settles_the_call(bare: Ground) -> None:
    """The gateway takes the message, its answer is lost, its receipt comes: sent and delivered, in that order."""
    await bare.behave("sms", "late_answer", seconds=1.5, count=1)
    await bare.tell(NOW, selected(0))
    await bare.send(NOW)
    assert await bare.receipts(now=NOW) == 1
    (row,) = await bare.rows("channel = 'sms' and recipient_id = 't0'")
    assert row["state"] == "delivered"
    assert await types(bare, row["message_id"]) == [("sent", 1), ("delivered", 2)]
    assert await bare.settler().run(NOW) == 0
    await bare.send(NOW)
    assert len(await bare.received(channel="sms")) == 1


async def test_a_receipt_for_a_message_that_was_planned_again_stops_it(bare: Ground) -> None:
    await bare.behave("sms", "late_answer", seconds=1.5, count=1)
    await bare.tell(NOW, selected(0))
    await bare.send(NOW)
    async with bare.db.write() as con:  # as if the look-up had found nothing
        await con.execute("update attempt set state = 'lost' where channel = 'sms'")
        await con.execute("update reminder set state = 'planned', queue_at = due_at where state = 'in_doubt'")
    await bare.receipts(now=NOW)
    await bare.send(NOW)
    assert len(await bare.received(channel="sms")) == 1


async def test_a_failed_delivery_puts_the_person_on_the_call_list(bare: Ground) -> None:
    await bare.tell(NOW, selected(0))
    await bare.send(NOW)
    await bare.receipts(delivered=False, now=NOW)
    await bare.send(NOW)
    (call,) = await bare.rows("channel = 'call_list' and recipient_id = 't0'")
    assert (call["state"], call["reason"]) == ("listed", "no_receipt")


async def test_who_got_the_message_is_not_called(bare: Ground) -> None:
    await bare.tell(NOW, selected(0))
    await bare.send(NOW)
    await bare.receipts(now=NOW)
    await bare.send(at(7, 21))
    (call,) = await bare.rows("channel = 'call_list' and recipient_id = 't0'")
    assert (call["state"], call["reason"]) == ("not_needed", "has_receipt")
