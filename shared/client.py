"""The HTTP client between programs: httpx as its face, aiohttp's connections under it (ADR 0011).

What an error says of the request is kept apart: ``ConnectError`` and ``ConnectTimeout`` mean that it never left this
machine; after every other error nobody knows whether it arrived.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from io import BytesIO
from typing import Final

import aiohttp
import httpx
from yarl import URL

AT_ONCE: Final = 100
# A client lets an idle connection go long before the server does, so that none is closed under a request.
IDLE: Final = 3.0  # s
KEEP_ALIVE: Final = 60  # s a server keeps it
LARGE: Final = 2**20  # bytes
OWN_HEADERS: Final = ("accept", "accept-encoding", "content-type", "user-agent")
MEANINGS: Final = (
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.InvalidURL, httpx.UnsupportedProtocol),
    (aiohttp.ServerTimeoutError, httpx.ReadTimeout),
    (aiohttp.ServerDisconnectedError, httpx.RemoteProtocolError),
    (aiohttp.ClientPayloadError, httpx.RemoteProtocolError),
    (aiohttp.ClientResponseError, httpx.RemoteProtocolError),
    (TimeoutError, httpx.WriteTimeout),
    ((aiohttp.ClientError, OSError), httpx.ReadError),
)


def client(timeout: float | httpx.Timeout, *, at_once: int = AT_ONCE, base_url: str = "") -> httpx.AsyncClient:
    """A client that keeps at most ``at_once`` connections; ``timeout`` in seconds. No proxy is read from the environment."""
    return httpx.AsyncClient(transport=Connections(at_once), timeout=timeout, base_url=base_url, trust_env=False)


@contextmanager
def told_as_httpx() -> Iterator[None]:
    """Aiohttp's errors as httpx's of the same meaning."""
    try:
        yield
    except (aiohttp.ClientError, OSError) as error:
        meaning = next(there for here, there in MEANINGS if isinstance(error, here))
        raise meaning(str(error)) from error


class Connections(httpx.AsyncBaseTransport):
    """aiohttp's pool; cookies are nobody's business here."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._session: aiohttp.ClientSession | None = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._at_once, keepalive_timeout=IDLE)
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=OWN_HEADERS,
            )
        return self._session

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request, as it is; the answer's body is read by who asked."""
        limits = request.extensions.get("timeout", {})
        url = request.url
        target = f"{url.scheme}://{url.netloc.decode()}{url.raw_path.decode()}"
        with told_as_httpx():
            async with asyncio.timeout(_longest(limits)) as limit:
                answer = await self._open().request(
                    request.method,
                    URL(target, encoded=True),
                    headers=[(k, v) for k, v in request.headers.multi_items() if k != "transfer-encoding"],
                    data=_body(request, partial(_extend, limit, _longest(limits))),
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(
                        connect=limits.get("pool"), sock_connect=limits.get("connect"), sock_read=limits.get("read")
                    ),
                )
        return httpx.Response(answer.status, headers=answer.raw_headers, stream=_Body(answer))

    async def aclose(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()


def _longest(limits: Mapping[str, float | None]) -> float | None:
    """For a streamed body's next piece to be taken, else for all of it, and for the head of the answer.

    aiohttp itself would wait for ever for a peer that does not take the body.
    """
    each = [limits.get(name) for name in ("pool", "connect", "write", "read")]
    return None if None in each else sum(filter(None, each))


def _extend(limit: asyncio.Timeout, seconds: float | None) -> None:
    if seconds is not None:
        with suppress(RuntimeError):  # the answer is there before the body was taken
            limit.reschedule(asyncio.get_running_loop().time() + seconds)


async def _pieces(stream: httpx.AsyncByteStream, taken: Callable[[], None]) -> AsyncIterator[bytes]:
    """What somebody else sends, at their speed: however long it takes in all, each piece has the whole time."""
    async for piece in stream:
        taken()
        yield piece
    taken()


def _body(request: httpx.Request, taken: Callable[[], None]) -> bytes | BytesIO | AsyncIterator[bytes] | None:
    try:
        content = request.content
    except httpx.RequestNotRead:
        assert isinstance(request.stream, httpx.AsyncByteStream)  # noqa: S101  (an async client takes no other)
        return _pieces(request.stream, taken)
    return BytesIO(content) if len(content) > LARGE else content or None  # a large one goes out in pieces


class _Body(httpx.AsyncByteStream):
    """An answer's body, piece by piece."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with told_as_httpx():
            async for piece in self._answer.content.iter_any():
                yield piece

    async def aclose(self) -> None:
        """Give the connection back; one that has more to say is closed."""
        self._answer.release()
