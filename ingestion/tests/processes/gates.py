"""A gate before a server: a port on loopback that can be shut, be mute, or answer by itself."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from select import select
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any


class Gate:
    """Shut at first, so that connections are refused, until it is told otherwise."""

    def __init__(self, host: str, port: int) -> None:
        self.port = unused_port()
        self._server = (host, port)
        self._door: _Door | None = None

    def shut(self) -> None:
        """Refuse connections, and cut those that there are."""
        if self._door is not None:
            self._door.shutdown()
            self._door.server_close()
            self._door.cut()
            self._door = None

    def let_through(self) -> None:
        self._open(_Forwarding)

    def be_mute(self) -> None:
        """Take connections and say nothing."""
        self._open(_Mute)

    def answer_500(self) -> None:
        """Answer as a broken HTTP server does."""
        self._open(_Broken)

    def lose_answer(self, question: bytes) -> None:
        """Let the next call with these bytes through; when it is answered, cut the connection."""
        assert self._door is not None
        self._door.question = question

    def _open(self, manner: type[BaseRequestHandler]) -> None:
        self.shut()
        self._door = _Door(("127.0.0.1", self.port), manner)
        self._door.server = self._server
        Thread(target=self._door.serve_forever, args=(0.05,), daemon=True).start()


class _Door(ThreadingTCPServer):
    """Knows whom it has let in, for they go on when it is shut."""

    allow_reuse_address = True
    daemon_threads = True
    server: tuple[str, int]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._inside: set[Any] = set()
        self.question: bytes | None = None

    def process_request(self, request: Any, client_address: Any) -> None:
        self._inside.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._inside.discard(request)
        super().shutdown_request(request)

    def is_the_question(self, data: bytes) -> bool:
        if self.question is None or self.question not in data:
            return False
        self.question = None
        return True

    def cut(self) -> None:
        for request in list(self._inside):
            # It may have ended in this moment.
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)


class _Forwarding(BaseRequestHandler):
    server: _Door

    def handle(self) -> None:
        with socket.create_connection(self.server.server) as server:
            other = {self.request: server, server: self.request}
            while True:
                for end in select(list(other), [], [])[0]:
                    if not (data := end.recv(65_536)):
                        return
                    other[end].sendall(data)
                    if end is self.request and self.server.is_the_question(data):
                        server.recv(65_536)
                        return


class _Mute(BaseRequestHandler):
    def handle(self) -> None:
        while self.request.recv(65_536):
            pass


class _Broken(BaseRequestHandler):
    def handle(self) -> None:
        self.request.recv(65_536)
        self.request.sendall(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")


@contextmanager
def new_gate(host: str | None, port: int | None) -> Iterator[Gate]:
    """A gate before this server; shut in the end."""
    assert host is not None and port is not None
    gate = Gate(host, port)
    try:
        yield gate
    finally:
        gate.shut()


def unused_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
