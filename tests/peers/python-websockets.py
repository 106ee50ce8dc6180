"""A feed of numbers, served with the `websockets` package.

    python python-websockets.py [--port 0] [--rate 10] [--fields 2] [--heartbeat 0]

Its first line says where it listens. Each message is
{"channel":"numbers","data":{"f0":17,"f1":0.5,…}}, in which f0 counts the messages from 1. What
comes on its standard input is answered with a line of JSON, {"sent":17}: `pause` (after which
nothing is sent), `resume`, `count`. It ends when its standard input does. With a heartbeat, in
milliseconds, each client is pinged that often, and closed with 1011 when it does not answer.
"""

import argparse
import asyncio
import json
import math
import sys

from websockets.asyncio.server import broadcast, serve

# Messages that fall due in between go together.
TICK_S = 0.002


class Feed:
    def __init__(self, rate, fields):
        self.rate = rate
        self.fields = fields
        self.sent = 0
        self.running = True
        self.clients = set()

    async def client(self, socket):
        self.clients.add(socket)
        try:
            await socket.wait_closed()
        finally:
            self.clients.discard(socket)

    def message(self, number):
        data = {"f0": number}
        for field in range(1, self.fields):
            data[f"f{field}"] = math.sin(number / 10 + field)
        return json.dumps({"channel": "numbers", "data": data})

    async def send(self):
        loop = asyncio.get_running_loop()
        due, before = 0.0, loop.time()
        while True:
            await asyncio.sleep(TICK_S)
            now = loop.time()
            listening = self.running and self.clients
            due = due + (now - before) * self.rate if listening else 0.0
            before = now
            while due >= 1:
                due -= 1
                self.sent += 1
                broadcast(self.clients, self.message(self.sent))

    async def obey(self):
        loop = asyncio.get_running_loop()
        lines = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        while line := await lines.readline():
            command = line.decode().strip()
            if command == "pause":
                self.running = False
            if command == "resume":
                self.running = True
            print(json.dumps({"sent": self.sent}), flush=True)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rate", type=float, default=10)
    parser.add_argument("--fields", type=int, default=2)
    parser.add_argument("--heartbeat", type=int, default=0)
    options = parser.parse_args()
    feed = Feed(options.rate, options.fields)
    heartbeat = {"ping_interval": options.heartbeat / 1000, "ping_timeout": 1.5}
    heartbeat = heartbeat if options.heartbeat else {}
    async with serve(
        feed.client, "127.0.0.1", options.port, compression=None, **heartbeat
    ) as server:
        print(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/", flush=True)
        sending = asyncio.create_task(feed.send())
        await feed.obey()
        sending.cancel()
    print(f"{feed.sent} messages sent", file=sys.stderr)


asyncio.run(main())
