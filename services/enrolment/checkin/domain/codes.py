"""What a place's holder shows at check-in: a short code for typing, a token for scanning. Neither holds personal data."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 1 I O: a code is read aloud and typed
LETTERS: Final = 4
MAC: Final = 10  # bytes
_TOKEN: Final = re.compile(rf"[0-9a-f]{{{32 + 2 * MAC}}}")


def _mac(key: bytes, *parts: str) -> bytes:
    return hmac.digest(key, "\x1f".join(parts).encode(), hashlib.sha256)


def _letters(key: bytes, class_id: str, place_id: str, attempt: int) -> str:
    digest = _mac(key, "code", class_id, place_id, str(attempt))
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:LETTERS])


def give_codes(
    key: bytes, class_id: str, period: int, place_ids: Sequence[str], taken: Collection[str]
) -> dict[str, str]:
    """A code such as ``07-4K2M`` for each place: the period, then four letters; no two are the same in a class."""
    codes: dict[str, str] = {}
    used = set(taken)
    for place_id in place_ids:
        attempt, code = 0, ""
        while not code or code in used:
            code = f"{period:02d}-{_letters(key, class_id, place_id, attempt)}"
            attempt += 1
        used.add(code)
        codes[place_id] = code
    return codes


def normalise(typed: str) -> str:
    """A code as it is stored, from what was typed: any case, full-width, with or without the dash and spaces."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", typed).upper() if c.isalnum())
    return f"{plain[:-LETTERS]}-{plain[-LETTERS:]}"


def make_token(key: bytes, class_id: str, place_id: str) -> str:
    """The text of the QR code's address: the place, sealed for one class. Lower-case hexadecimal."""
    return UUID(place_id).hex + _mac(key, "token", class_id, place_id)[:MAC].hex()


def place_of(token: str) -> str | None:
    """The place that a token speaks of, unproven; None when it is no token at all."""
    return str(UUID(token[: -2 * MAC])) if _TOKEN.fullmatch(token) else None


def proves(key: bytes, class_id: str, place_id: str, token: str) -> bool:
    """Whether the token was made for this place in this class; a place that changed its class needs a new one."""
    return hmac.compare_digest(token.encode(), make_token(key, class_id, place_id).encode())
