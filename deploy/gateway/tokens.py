"""The development login's tokens: EdDSA, ten hours, signed with a local key. Production uses an OIDC provider."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from deploy.gateway.accounts import Account

LIFETIME: Final = timedelta(hours=10)
ALGORITHM: Final = "EdDSA"


class KeyUnusable(Exception):  # noqa: N818  (says what it is)
    """The signing key is of another kind, or its public half is not in the published key set."""


class Signer:
    """Signs tokens with the key of one PEM file; the key's id is the one of the published set.

    Raises:
        KeyUnusable: not an Ed25519 key, or the set at ``published`` lacks it.

    """

    def __init__(self, key_file: Path, published: Path | None, issuer: str) -> None:
        key = load_pem_private_key(key_file.read_bytes(), None)
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyUnusable(f"{key_file} holds no Ed25519 key")
        self._key = key
        self._issuer = issuer
        self.jwks = _published(key, published)
        self._kid: str = self.jwks["keys"][0]["kid"]

    def sign(self, account: Account) -> str:
        """A token for an account."""
        now = datetime.now(UTC)
        claims = {"iss": self._issuer, "sub": account.account, "name": account.name.zh, "grants": [account.grant],
                  "iat": now, "exp": now + LIFETIME}  # fmt: skip
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"kid": self._kid})


def _published(key: Ed25519PrivateKey, file: Path | None) -> dict[str, Any]:
    """The key set that holds the public half, first; made here when no file names one."""
    public = jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    if file is None:
        return {"keys": [{**public, "kid": public["x"][:16], "use": "sig", "alg": ALGORITHM}]}
    keys = json.loads(file.read_text())["keys"]
    if not any(k.get("x") == public["x"] for k in keys):
        raise KeyUnusable(f"{file} does not hold the public half of the signing key")
    return {"keys": sorted(keys, key=lambda k: bool(k.get("x") != public["x"]))}
