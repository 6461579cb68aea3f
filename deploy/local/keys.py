"""The keys of one run folder, made once: signing key and its public half, service token, seal key, receipts key."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jwt
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

KEY_ID = "local-1"


@dataclass(frozen=True)
class Keys:
    """`signing_key` (PEM, Ed25519) and `jwks` are files, the others the secrets themselves."""

    signing_key: Path
    jwks: Path
    service_token: str
    seal_key: str
    receipts_key: str


def provide(folder: Path) -> Keys:
    """The keys of the run folder; what is missing is made, what is there stays (data sealed with it must stay readable)."""
    place = folder / "keys"
    place.mkdir(mode=0o700, exist_ok=True)
    signing = kept(place / "signing.pem", _private_key)
    kept(place / "jwks.json", lambda: json.dumps(_jwks(signing.encode())))  # may hold a provider's keys by now
    return Keys(
        signing_key=place / "signing.pem",
        jwks=place / "jwks.json",
        service_token=kept(place / "service-token", lambda: secrets.token_urlsafe(32)),
        seal_key=kept(place / "seal-key", lambda: Fernet.generate_key().decode()),
        receipts_key=kept(place / "receipts-key", lambda: secrets.token_urlsafe(24)),
    )


def kept(file: Path, make: Callable[[], str]) -> str:
    """The content of a file of keys, made when it is not there yet."""
    if not file.exists():
        new = file.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(make())
        new.replace(file)
    return file.read_text()


def _private_key() -> str:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _jwks(pem: bytes) -> dict[str, object]:
    private = load_pem_private_key(pem, None)
    assert isinstance(private, Ed25519PrivateKey)  # noqa: S101 - made above
    public = jwt.algorithms.OKPAlgorithm.to_jwk(private.public_key(), as_dict=True)
    return {"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "EdDSA"}]}
