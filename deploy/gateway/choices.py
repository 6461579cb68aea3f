"""Who one may enter as, for the front page and the login page."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request

from deploy.gateway import accounts
from deploy.gateway.accounts import Account
from deploy.gateway.runtime import gateway_of
from shared.pages.navigation import home_of

CROWD = "teacher"


@dataclass(frozen=True)
class Choices:
    """``shown``: one card each; ``more``: the other teachers, folded away. ``homes``: where each role begins."""

    open: bool
    shown: Sequence[Account] = ()
    more: Sequence[Account] = ()

    def home(self, account: Account) -> str:
        """Where the account's role begins."""
        return home_of(account.role)


def choices(request: Request) -> Choices:
    """The accounts of the development login; closed without it."""
    gateway = gateway_of(request)
    if gateway.signer is None:
        return Choices(open=False)
    everyone = accounts.read(gateway.settings.accounts)
    crowd = [a for a in everyone if a.role == CROWD]
    first = [a for a in everyone if a.role != CROWD] + crowd[:1]
    return Choices(open=True, shown=first, more=crowd[1:])
