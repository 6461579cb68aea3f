"""Idempotent sweeps: settle doubts, send what is due, and at night look whether the ledger is what the facts want."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from services.notify.channels.service import EmailChannel, SmsChannel
from services.notify.contacts.domain import Sandbox
from services.notify.contacts.service import Contacts
from services.notify.doubts.service import Settler
from services.notify.email.service import Composer
from services.notify.facts.store import Policies
from services.notify.sending import store
from services.notify.sending.domain import RESULTS
from services.notify.sending.service import Dispatcher, Pace
from services.notify.settings import NotifySettings
from services.notify.sms.service import Gateway
from services.notify.smtp.service import Mailer
from services.notify.sweeping.service import Sweeper
from services.notify.wording.service import Writer
from shared.runtime import Runtime
from shared.ticker import Job

AT_ONCE: Final = 500
CHANNELS: Final = (SmsChannel.name, EmailChannel.name)


def jobs(runtime: Runtime) -> Sequence[Job]:
    """The jobs of one process. Any number of processes may run them side by side."""
    settings = NotifySettings.of(runtime.settings)
    gateway = Gateway(runtime.http, settings.sms_url, settings.call_seconds)
    send = dispatcher(runtime, settings, gateway)
    settle = Settler(runtime.db, gateway, settings.doubt_seconds, runtime.wake)
    sweep = Sweeper(runtime.db, send.policies)

    async def next_due() -> datetime | None:
        async with runtime.db.system() as con:
            return await store.next_due(con)

    return (
        Job("settle", timedelta(seconds=5), settle.run),
        Job("dispatch", timedelta(seconds=1), send.run, next_due),
        Job("sweep", timedelta(minutes=10), sweep.run),
    )


def dispatcher(runtime: Runtime, settings: NotifySettings, gateway: Gateway) -> Dispatcher:
    """The dispatcher with its channels."""
    writer = Writer(runtime.texts)
    calls = runtime.metrics.counter(
        "calls", "Calls to a channel by what came of them", channel=CHANNELS, result=RESULTS
    )
    mailer = Mailer(*settings.smtp_address, settings.sender, settings.call_seconds)
    return Dispatcher(
        db=runtime.db,
        policies=Policies(),
        contacts=Contacts(
            runtime.http,
            f"{settings.enrolment_url}/enrolment",
            settings.service_token.get_secret_value(),
            settings.offices,
        ),
        sandbox=Sandbox(settings.production, settings.allowed_domains, settings.allowed_phones),
        channels=(
            SmsChannel(writer, gateway),
            EmailChannel(writer, Composer(runtime.texts, settings.sender), mailer),
        ),
        pace=Pace(settings.lease_seconds, AT_ONCE),
        wake=runtime.wake,
        count=lambda channel, result: calls(channel=channel, result=result),
    )
