"""The web server on a stage, and a browser: one that is signed in, with a WebSocket."""

from __future__ import annotations

import base64
import json
import os
import socket
from collections.abc import Iterator
from http.cookiejar import CookieJar
from typing import Any
from urllib.request import HTTPCookieProcessor, Request, build_opener

import psycopg
from django.contrib.auth.hashers import make_password

from ingestion.tests.processes.databases import as_owner
from ingestion.tests.processes.gates import unused_port
from ingestion.tests.processes.programs import Program
from ingestion.tests.processes.stage import Stage

PASSWORD = "as long as it takes"
ACCOUNT = """
    WITH viewer AS (
        INSERT INTO auth_user (username, password, is_active, is_staff, is_superuser, first_name,
                               last_name, email, date_joined)
        VALUES ('viewer', %s, true, false, false, '', '', '', now()) RETURNING id),
    role AS (INSERT INTO auth_group (name) VALUES ('viewer')
             ON CONFLICT (name) DO UPDATE SET name = 'viewer' RETURNING id)
    INSERT INTO auth_user_groups (user_id, group_id) SELECT viewer.id, role.id FROM viewer, role
"""


class Web:
    """Daphne on the stage, with an account."""

    def __init__(self, stage: Stage) -> None:
        self.port = unused_port()
        self.url = f"http://127.0.0.1:{self.port}"
        stage.environment["PUBLIC_URL"] = self.url
        with psycopg.connect(as_owner(stage.database)) as owner:
            owner.execute(ACCOUNT, [make_password(PASSWORD)])
        self.program = self._start(stage)

    def _start(self, stage: Stage) -> Program:
        where = ("-b", "127.0.0.1", "-p", str(self.port))
        program = stage.start("-m", "daphne", *where, "reconsite.asgi:application", name="web")
        stage.wait_until(lambda: accepts(self.port), "the web server answers")
        return program


class Browser:
    """Signed in as a viewer."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._cookies = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self._cookies))
        self.get("config")
        self._sign_in()

    def get(self, path: str) -> Any:
        with self._opener.open(f"{self._web.url}/api/v1/{path}", timeout=10) as answer:
            return json.load(answer)

    def _sign_in(self) -> None:
        token = next(cookie.value for cookie in self._cookies if cookie.name == "csrftoken")
        assert token is not None
        request = Request(
            f"{self._web.url}/api/v1/session",
            data=json.dumps({"username": "viewer", "password": PASSWORD}).encode(),
            headers={"Content-Type": "application/json", "X-CSRFToken": token},
        )
        self._opener.open(request, timeout=10).close()

    def open_socket(self) -> WebSocket:
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._cookies)
        return WebSocket(self._web.port, f"Origin: {self._web.url}", f"Cookie: {cookies}")

    def changes_after(self, position: str) -> Iterator[dict[str, Any]]:
        """The rows that changed since, to the end."""
        complete = False
        while not complete:
            answer = self.get(f"changes?after={position}&limit=200")
            position, complete = answer["position"], answer["complete"]
            yield from answer["rows"]


class WebSocket:
    """A client that reads what it is told, when it is asked to."""

    def __init__(self, port: int, *headers: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        lines = (
            "GET /ws/live/ HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            "Sec-WebSocket-Version: 13",
            *headers,
        )
        self._socket.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode())
        self._stream = self._socket.makefile("rb")
        assert b" 101 " in self._stream.readline()
        while self._stream.readline().strip():
            pass

    def hear(self, kind: str | None = None) -> dict[str, Any]:
        """The next message, or the next of this type."""
        while True:
            opcode, payload = self._frame()
            if opcode == 1:
                message: dict[str, Any] = json.loads(payload)
                if kind in (None, message["type"]):
                    return message

    def closed(self) -> int | None:
        """The code with which the server closes, whatever it says before; None without one."""
        opcode = 0
        while opcode != 8:
            opcode, payload = self._frame()
        return int.from_bytes(payload[:2], "big") if payload else None

    def _frame(self) -> tuple[int, bytes]:
        first, second = self._take(2)
        length = second & 0x7F
        if length > 125:
            length = int.from_bytes(self._take(2 if length == 126 else 8), "big")
        return first & 0x0F, self._take(length)

    def _take(self, size: int) -> bytes:
        taken = self._stream.read(size)
        assert len(taken) == size, "the connection ended without a word"
        return taken

    def close(self) -> None:
        self._stream.close()
        self._socket.close()


def accepts(port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=10).close()
    except ConnectionRefusedError:
        return False
    return True
