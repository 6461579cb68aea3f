from tests.integration.notify.ground import Ground, at, moved


async def test_what_is_due_goes_out_once_on_both_channels(class_of_five: Ground) -> None:
    await class_of_five.send(at(8, 16))
    due = "kind = 'before-class' and occurrence = 'before-7d' and channel <> 'call_list'"
    assert await class_of_five.states(due) == {"accepted": 10}
    print(await class_of_five.states())
    for m in await class_of_five.received(): print(m["channel"], m["to"], m["subject"] or m["text"])
