"""What an error says of a request: that it never left, or that nobody knows. A message must not go out twice for it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from shared.client import client

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n"


@asynccontextmanager
async def listening(talk: Talk) -> AsyncIterator[str]:
    """A server that does just this with each connection once it has read a request."""

    over: list[asyncio.Event] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        over.append(asyncio.Event())
        await reader.readuntil(b"\r\n\r\n")
        await talk(reader, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        over[-1].set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for event in over:
            await event.wait()


async def error_of(talk: Talk, seconds: float = 5) -> type[Exception]:
    async with listening(talk) as url, client(seconds) as http:
        with pytest.raises(httpx.HTTPError) as caught:
            await http.post(url, json={})
    return caught.type


async def test_a_request_that_nobody_listens_to_never_left() -> None:
    async def silent(_r: asyncio.StreamReader, _w: asyncio.StreamWriter) -> None: ...

    async with listening(silent) as url:
        pass  # the port was taken a moment ago, now it is free
    async with client(5) as http:
        with pytest.raises(httpx.ConnectError):
            await http.post(url, json={})


async def test_a_connection_that_ends_without_an_answer_leaves_it_open() -> None:
    async def hang_up(_r: asyncio.StreamReader, _w: asyncio.StreamWriter) -> None: ...

    assert await error_of(hang_up) is httpx.RemoteProtocolError


async def test_half_an_answer_leaves_it_open() -> None:
    async def half(_r: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"half")

    assert await error_of(half) is httpx.RemoteProtocolError


async def test_nonsense_leaves_it_open() -> None:
    async def nonsense(_r: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello\r\n\r\n")

    assert await error_of(nonsense) is httpx.RemoteProtocolError


async def test_an_answer_that_does_not_come_in_time_leaves_it_open() -> None:
    async def wait(reader: asyncio.StreamReader, _w: asyncio.StreamWriter) -> None:
        await reader.read()

    assert await error_of(wait, seconds=0.1) is httpx.ReadTimeout


async def test_a_peer_that_does_not_take_the_body_is_not_waited_for_for_ever() -> None:
    gone = asyncio.Event()

    async def sit(_r: asyncio.StreamReader, _w: asyncio.StreamWriter) -> None:
        await gone.wait()

    async with listening(sit) as url, client(0.1) as http:
        with pytest.raises(httpx.WriteTimeout):
            await http.post(url, content=bytes(20_000_000))
        gone.set()


async def test_a_body_that_comes_slowly_may_take_longer_than_any_one_wait() -> None:
    """An upload over a slow line, piece by piece: only a piece that is not taken is too much."""

    async def slow() -> AsyncIterator[bytes]:
        for _ in range(10):
            await asyncio.sleep(0.1)
            yield b"x" * 100

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"0\r\n\r\n")
        writer.write(b"HTTP/1.1 204 None\r\n\r\n")

    async with listening(take) as url, client(0.1) as http:
        assert (await http.post(url, content=slow())).status_code == 204


async def test_a_piece_that_is_not_taken_is_not_waited_for_for_ever() -> None:
    gone = asyncio.Event()

    async def large() -> AsyncIterator[bytes]:
        while True:
            yield bytes(1_000_000)

    async def sit(_r: asyncio.StreamReader, _w: asyncio.StreamWriter) -> None:
        await gone.wait()

    async with listening(sit) as url, client(0.1) as http:
        with pytest.raises(httpx.WriteTimeout):
            await http.post(url, content=large())
        gone.set()


async def test_headers_and_body_arrive_as_they_are_and_redirects_are_answers() -> None:
    seen: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readexactly(7))
        writer.write(
            b"HTTP/1.1 303 See\r\nlocation: /x\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 0\r\n\r\n"
        )

    async with listening(answer) as url, client(5) as http:
        said = await http.post(f"{url}/%E6%B2%B3?q=%2F", content=b"1234567")
    assert seen == [b"1234567"]
    assert (said.status_code, said.headers["location"], said.headers.get_list("set-cookie")) == (
        303,
        "/x",
        ["a=1", "b=2"],
    )
