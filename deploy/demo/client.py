"""A small client of the public HTTP surface: what an officer's browser or a bureau's own program would send."""

import uuid
from dataclasses import dataclass
from typing import Any

import httpx


class Refused(Exception):  # noqa: N818  (says what it is)
    """The system refused; carries the problem document."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(
            f"{problem.get('status')} {problem.get('code')}: {problem.get('zh', {}).get('detail', problem)}"
        )
        self.problem = problem
        self.code: str = problem.get("code", "")


@dataclass(frozen=True)
class Api:
    """One account's view of the system at ``base`` (the gateway's address)."""

    http: httpx.AsyncClient
    base: str
    token: str

    async def get(self, path: str, **params: Any) -> Any:
        """The JSON at a path."""
        return self._json(await self.http.get(self.base + path, params=params, headers=self._headers()))

    async def content(self, path: str) -> bytes:
        """The bytes at a path, as they are served."""
        answer = await self.http.get(self.base + path, headers=self._headers())
        return answer.raise_for_status().content

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """Send a command."""
        return self._json(
            await self.http.post(self.base + path, json=body if body is not None else {}, headers=self._headers(key))
        )

    async def put(self, path: str, body: Any) -> Any:
        """Replace something."""
        return self._json(await self.http.put(self.base + path, json=body, headers=self._headers()))

    async def text(self, path: str, text: str, media_type: str) -> Any:
        """Send a document as the body."""
        headers = {**self._headers(), "content-type": media_type}
        return self._json(await self.http.post(self.base + path, content=text.encode(), headers=headers))

    async def upload(self, path: str, name: str, content: bytes, media_type: str, *, key: str | None = None,
                     **fields: str) -> Any:  # fmt: skip
        """Send a file with form fields."""
        files = {"file": (name, content, media_type)}
        return self._json(await self.http.post(self.base + path, files=files, data=fields, headers=self._headers(key)))

    def _headers(self, key: str | None = None) -> dict[str, str]:
        return {
            "authorization": f"Bearer {self.token}",
            "idempotency-key": key or str(uuid.uuid4()),
            "accept": "application/json",
        }

    def _json(self, answer: httpx.Response) -> Any:
        if answer.is_success:
            return answer.json() if answer.content else None
        problem = answer.json() if "json" in answer.headers.get("content-type", "") else {"status": answer.status_code}
        raise Refused(problem)


async def sign_in(http: httpx.AsyncClient, base: str, account: str) -> Api:
    """The API as one of the demonstration's accounts."""
    answer = await http.post(f"{base}/_token", json={"account": account})
    return Api(http, base, answer.raise_for_status().json()["token"])
