"""Addresses that came with a request."""


def local(address: str) -> str:
    """An address of this site as it is; anything else becomes the front page."""
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) else "/"
