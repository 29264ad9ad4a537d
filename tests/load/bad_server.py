# SPDX-License-Identifier: Apache-2.0
"""A server that misbehaves on request: the first part of a path says how. /cut/v1/completions is cut in the middle."""

import asyncio
import json

HEAD = (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n")
ENDLESS_BLOCK = b"x" * 65536


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def event(document):
    return b"data: " + json.dumps(document).encode() + b"\n\n"


PIECE = chunk(event({"choices": [{"text": "x", "finish_reason": None}]}))
DONE = chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n"


def usage(request, tokens):
    prompt = request.get("prompt") or request["messages"][0]["content"]
    count = len(prompt) if isinstance(prompt, list) else len(prompt.split())
    return chunk(event({"choices": [], "usage": {"prompt_tokens": count,
                                                 "completion_tokens": tokens}}))


async def say(writer, *parts, pause_s=0.0):
    for part in parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(pause_s)


async def for_ever(writer, part, pause_s=0.0):
    while True:
        await say(writer, part, pause_s=pause_s)


async def good(writer, request):
    tokens = request["max_tokens"]
    await say(writer, HEAD)
    await say(writer, *[PIECE] * tokens, pause_s=0.002)
    await say(writer, usage(request, tokens), DONE)


async def short(writer, request):
    await say(writer, HEAD, PIECE, usage(request, 1), DONE)


async def cut(writer, _):
    await say(writer, HEAD, PIECE, PIECE[:-10])


async def no_end(writer, _):
    await say(writer, HEAD, PIECE, b"0\r\n\r\n")


async def empty(writer, _):
    await say(writer)


async def garbage(writer, _):
    await say(writer, b"\x00\xff\x13 this is not HTTP\r\n\r\n")


async def html(writer, _):
    await say(writer, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>hello</html>")


async def not_json(writer, _):
    await say(writer, HEAD, PIECE, chunk(b"data: {not json\n\n"), DONE)


async def error_event(writer, _):
    await say(writer, HEAD, PIECE, chunk(event({"error": {"message": "out of blocks"}})), DONE)


async def status_404(writer, _):
    await say(writer, b"HTTP/1.1 404 Not Found\r\nContent-Length: 7\r\n\r\nnowhere")


async def status_503(writer, _):
    await say(writer, b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy")


async def endless_503(writer, _):
    await say(writer, b"HTTP/1.1 503 Busy\r\n\r\n")
    await for_ever(writer, ENDLESS_BLOCK)


async def redirect(writer, _):
    await say(writer, b"HTTP/1.1 307 Elsewhere\r\nLocation: /good/v1/completions\r\n"
                      b"Content-Length: 0\r\n\r\n")


async def never(writer, _):
    await asyncio.sleep(3600)


async def slow_header(writer, _):
    await say(writer, b"HTTP/1.1 200 OK\r\nX: ")
    await for_ever(writer, b"y", pause_s=0.05)


async def endless_headers(writer, _):
    await say(writer, b"HTTP/1.1 200 OK\r\n")
    await for_ever(writer, b"X-More: and more\r\n" * 100)


async def endless_line(writer, _):
    await say(writer, HEAD)
    await for_ever(writer, chunk(ENDLESS_BLOCK))


async def endless_stream(writer, _):
    await say(writer, HEAD)
    await for_ever(writer, PIECE * 100)


async def endless_body(writer, _):
    await say(writer, b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                      b"Content-Length: 8000000000\r\n\r\n")
    await for_ever(writer, b": comment\n" * 6000)


async def drip(writer, _):
    await say(writer, HEAD)
    await for_ever(writer, PIECE, pause_s=0.05)


async def hangs_in_the_middle(writer, _):
    await say(writer, HEAD, PIECE, PIECE)
    await asyncio.sleep(3600)


BEHAVIOURS = {function.__name__: function for function in (
    good, short, cut, no_end, empty, garbage, html, not_json, error_event, status_404, status_503,
    endless_503, redirect, never, slow_header, endless_headers, endless_line, endless_stream,
    endless_body, drip, hangs_in_the_middle)}


class BadServer:
    """`async with BadServer() as server:` listens at server.url; server.count is the number of requests so far."""

    def __init__(self):
        self.count = 0
        self.turn = asyncio.Lock()

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.talk, "127.0.0.1", 0, backlog=1024)
        self.url = "http://127.0.0.1:%d" % self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.server.close()

    async def answer(self, name, writer, request):
        if name == "one_in_three_hangs":
            name = "never" if self.count % 3 == 0 else "good"
        if name == "one_at_a_time":
            async with self.turn:
                await asyncio.sleep(0.1)
                return await short(writer, request)
        return await BEHAVIOURS[name](writer, request)

    async def talk(self, reader, writer):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = [int(line[15:]) for line in head.split(b"\r\n")
                      if line.lower().startswith(b"content-length:")]
            body = await reader.readexactly(length[0]) if length else b"{}"
            self.count += 1
            await self.answer(head.split(b"/")[1].decode(), writer, json.loads(body))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
