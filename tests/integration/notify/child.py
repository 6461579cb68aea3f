"""One run of a dispatcher in a process of its own, so that it can be killed: reads one JSON line, sends what is due."""

import asyncio
import json
import sys
from datetime import datetime
from typing import Any

from services.notify.channels.service import EmailChannel, SmsChannel
from services.notify.contacts.domain import Sandbox
from services.notify.contacts.service import Contacts
from services.notify.email.service import Composer
from services.notify.facts.store import Policies
from services.notify.sending.service import Dispatcher, Pace
from services.notify.sms.service import Gateway
from services.notify.smtp.service import Mailer
from services.notify.wording.service import Writer
from shared.client import client
from shared.db import Database
from tests.integration.notify.ground import TEXTS


async def main(told: dict[str, Any]) -> None:
    async with Database(told["writer"], told["reader"]) as db, client(5) as http:
        writer, mailer = Writer(TEXTS), Mailer("127.0.0.1", told["smtp"], "notice@example.invalid", 5)
        sms = SmsChannel(writer, Gateway(http, told["sms"], 5), group=told["group"])
        mail = EmailChannel(writer, Composer(TEXTS, mailer.sender), mailer)
        contacts = Contacts(http, told["contacts"], told["token"], {})
        sandbox = Sandbox(production=False, domains=("example.invalid",), phones=("1390000", "13900099"))
        channels = [c for c in (sms, mail) if c.name in told["channels"]]
        dispatcher = Dispatcher(
            db, Policies(), contacts, sandbox, channels, Pace(told["lease"], 200), lambda: None, lambda *_: None
        )
        while await dispatcher.run(datetime.fromisoformat(told["now"])):
            pass


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.stdin.readline())))
