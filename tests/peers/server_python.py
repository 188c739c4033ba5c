# SPDX-License-Identifier: LGPL-2.1-only
"""A server on python3-websockets for our clients; node_server.js is its twin.

Usage: server_python.py [--deflate=OPTIONS]
                        [refuse|wrong-protocol|plain|strict]

OPTIONS are arguments of ServerPerMessageDeflateFactory as JSON; without there
is no compression.
Speaks dumb-increment-protocol and lws-mirror-protocol; without subprotocol
the path says what happens.  Every event is one line of JSON on stdout.
"""
import argparse
import asyncio
import http
import json

import websockets
from websockets.extensions.permessage_deflate import \
    ServerPerMessageDeflateFactory

from samples import samples, whole

INCREMENT = "dumb-increment-protocol"
MIRROR = "lws-mirror-protocol"
mirrors = set()
ids = iter(range(1, 1 << 30))


def tell(**facts):
    print(json.dumps(facts), flush=True)


async def increment(ws):
    """Numbers from 0; the first client that says stop is left."""
    async def count():
        number = 0
        while True:
            await ws.send(str(number))
            number += 1
            await asyncio.sleep(0.05)
    counting = asyncio.ensure_future(count())
    try:
        async for message in ws:
            tell(event="increment-message", text=str(message))
    finally:
        counting.cancel()


async def mirror(ws, number):
    """Everything to everybody."""
    mirrors.add(ws)
    try:
        async for message in ws:
            tell(event="drawing", id=number, text=str(message)[:200])
            for one in set(mirrors):
                try:
                    await one.send(message)
                except websockets.ConnectionClosed:
                    pass
    finally:
        mirrors.discard(ws)


async def versa(ws):
    """The client is the one that echoes."""
    for sample in samples():
        await ws.send(sample)
        want = whole(sample)
        got = await asyncio.wait_for(ws.recv(), 10)
        if got != want:
            tell(event="versa", ok=False, why=f"{len(want)} {type(want)} "
                 f"came back as {len(got)} {type(got)}")
            return
    pong = await ws.ping(b"well?")
    await asyncio.wait_for(pong, 5)
    await ws.close(3001, "that was all")
    tell(event="versa", ok=True, code=ws.close_code)


async def hello(ws):
    """An echo that tells what it hears."""
    async for message in ws:
        tell(event="hello", text=str(message))
        await ws.send(message)


async def leave(ws):
    """Closes as soon as it has heard something."""
    tell(event="hello", text=str(await ws.recv()))
    await ws.close(1001)


async def masked(ws):
    """A server that masks: the client has to fail the connection."""
    ws.transport.write(b"\x81\x81\x01\x02\x03\x04\x60")
    await asyncio.wait_for(ws.wait_closed(), 5)
    tell(event="masked", code=ws.close_code)


PATHS = {"/hello": hello, "/versa": versa, "/leave": leave, "/masked": masked}


async def serve(ws, *_):
    number = next(ids)
    asked = getattr(ws, "request_headers", None) or ws.request.headers
    answered = getattr(ws, "response_headers", None) or ws.response.headers
    path = getattr(ws, "path", None) or ws.request.path
    tell(event="open", id=number, protocol=ws.subprotocol, path=path,
         host=asked.get("Host"), origin=asked.get("Origin"),
         version=asked.get("Sec-WebSocket-Version"),
         key=asked.get("Sec-WebSocket-Key"),
         offered=asked.get("Sec-WebSocket-Extensions"),
         agreed=answered.get("Sec-WebSocket-Extensions"))
    try:
        if ws.subprotocol == INCREMENT:
            await increment(ws)
        elif ws.subprotocol == MIRROR:
            await mirror(ws, number)
        else:
            await PATHS.get(path, hello)(ws)
    except websockets.ConnectionClosed:
        pass
    except Exception as error:
        tell(event="trouble", id=number, why=repr(error))
    finally:
        await ws.wait_closed()
        tell(event="close", id=number, protocol=ws.subprotocol,
             code=ws.close_code)


async def refuse(*_):
    return http.HTTPStatus.FORBIDDEN, [], b"not today\n"


async def strict(first, second):
    """No to whoever offers a subprotocol; the arguments depend on the age."""
    headers = second if hasattr(second, "get") else second.headers
    if "Sec-WebSocket-Protocol" not in headers:
        return None
    answer = http.HTTPStatus.BAD_REQUEST, [], b"no subprotocols\n"
    respond = getattr(first, "respond", None)
    return respond(answer[0], answer[2].decode()) if respond else answer


async def main(mode, deflate=None):
    options = {"subprotocols": [INCREMENT, MIRROR], "max_size": None,
               "compression": None}
    if deflate is not None:
        options["extensions"] = [
            ServerPerMessageDeflateFactory(**json.loads(deflate))]
    if mode == "plain":
        del options["subprotocols"]
    if mode == "strict":
        options["process_request"] = strict
    if mode == "refuse":
        options["process_request"] = refuse
    if mode == "wrong-protocol":
        options["create_protocol"] = Wrong
    async with websockets.serve(serve, "127.0.0.1", 0, **options) as server:
        tell(event="listening", port=server.sockets[0].getsockname()[1])
        await asyncio.Future()


class Wrong(getattr(websockets, "WebSocketServerProtocol", object)):
    """Agrees to a subprotocol that nobody offered."""

    def process_subprotocol(self, *_):
        return "never-offered"


if __name__ == "__main__":
    try:
        parser = argparse.ArgumentParser()
        parser.add_argument("--deflate")
        parser.add_argument("mode", nargs="?", default="")
        asyncio.run(main(**vars(parser.parse_args())))
    except KeyboardInterrupt:
        pass
