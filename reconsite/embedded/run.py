"""`make run`: the services, the dashboard, the worker, the web server and three made-up banks.

Everything begins as soon as what it needs is there, and is watched until a
person or a fault ends it.
"""

from __future__ import annotations

import http.client
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, CancelledError, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from reconsite.embedded.console import Console
from reconsite.embedded.contents import ACCOUNTS, MANAGE, PROJECT, Contents
from reconsite.embedded.failure import Failure
from reconsite.embedded.frontend import FRONTEND, Frontend
from reconsite.embedded.instance import Instance
from reconsite.embedded.processes import POLL_SECONDS
from reconsite.embedded.rundir import RunDir
from reconsite.embedded.supervisor import Program, Supervisor

PORT = 8000
PRODUCERS = ("core", "gateway", "mobile")
RATE, FAULT_RATE = "10", "0.1"
# So that the first page is not empty: they catch up with this at once.
BEGUN_BEFORE = timedelta(seconds=30)
READY_WITHIN_SECONDS = 60.0
LOOK_EVERY_SECONDS = 0.5

Step = Callable[[], None]


def run(run_dir: RunDir, console: Console) -> int:
    """The exit code: 0 when a person ended the run. Raises Failure when a fault did."""
    run_dir.port("web", preferred=PORT)
    instance = Instance(run_dir, environment=os.environ, console=console, tethered=True)
    going = _Run(instance, console)
    try:
        with run_dir.held(console):
            going.start()
        console.say(going.welcome())
        going.watch()
    except KeyboardInterrupt:
        console.say("")  # the terminal shows ^C
    finally:
        hurry = _hurry_at_the_next_signal()
        console.say("Ending: the producers, the worker, the web server, the services.")
        going.stop(hurry=hurry)
        console.say(f"Ended. What was seen is kept in {run_dir.path}; `make run` goes on with it.")
    return 0


class _Run:
    def __init__(self, instance: Instance, console: Console) -> None:
        self._instance = instance
        self._console = console
        self._cancelled = threading.Event()
        self._supervisor = Supervisor(console, names=("worker", "web", *PRODUCERS))
        settings = instance.settings()
        self._public_url = settings["PUBLIC_URL"]
        self._port = instance.run_dir.port("web")
        # The owner of the tables is for migrations alone.
        known = {**os.environ, **settings, "PYTHONUNBUFFERED": "1"}
        self._environment = {
            name: value for name, value in known.items() if name != "DATABASE_OWNER_URL"
        }
        self._contents = Contents(
            settings, run_dir=instance.run_dir, console=console, cancelled=self._cancelled
        )
        self._frontend = Frontend(
            FRONTEND, run_dir=instance.run_dir, console=console, cancelled=self._cancelled
        )

    def start(self) -> None:
        """Start everything, and wait until all answer. Raises Failure."""
        self._instance.write_settings()
        self._instance.run_dir.demand_free("web", service="the web server")
        with ThreadPoolExecutor(16) as pool:
            try:
                steps = self._begin(pool)
                for step in wait(steps, return_when=FIRST_EXCEPTION).done:
                    step.result()
            except BaseException:
                self._cancelled.set()
                raise

    def _begin(self, pool: ThreadPoolExecutor) -> list[Future[None]]:
        def after(*needed: Future[None], do: Step) -> Future[None]:
            return pool.submit(self._take, do, needed)

        contents = self._contents
        services = self._instance.starting(pool, cancelled=self._cancelled)
        dashboard = after(do=self._frontend.build)
        tables = after(services["postgres"], do=contents.tables)
        topics = after(services["kafka"], do=contents.topics)
        schemas = after(services["registry"], do=contents.schemas)
        rules = after(tables, do=contents.rules)
        return [
            *services.values(),
            after(tables, dashboard, services["valkey"], do=self._serve),
            after(tables, do=contents.accounts),
            after(rules, topics, schemas, services["valkey"], do=self._work),
            after(rules, topics, schemas, do=self._produce),
        ]

    def _take(self, step: Step, needed: tuple[Future[None], ...]) -> None:
        for each in needed:
            each.result()
        if self._cancelled.is_set():
            raise CancelledError
        step()

    def watch(self) -> None:
        """Return when nobody listens any more. Raises Failure when something ends by itself."""
        while self._console.is_heard:
            self._supervisor.demand_all_running()
            self._instance.demand_all_running()
            time.sleep(LOOK_EVERY_SECONDS)

    def stop(self, *, hurry: threading.Event) -> None:
        for together in (PRODUCERS, ("worker",), ("web",)):
            self._supervisor.stop(*together, hurry=hurry)
        self._instance.stop_started(hurry=hurry)

    def welcome(self) -> str:
        width = max(map(len, ACCOUNTS))
        accounts = (f"  {name:{width}}  {self._contents.password(name)}" for name in ACCOUNTS)
        return "\n".join(
            (
                "",
                f"Reconsite is at {self._public_url}/ and its admin at {self._public_url}/admin/",
                "Sign in as one of these, with the password beside it:",
                *accounts,
                "Ctrl-C ends it all; a second one hurries.",
                "",
            )
        )

    def _serve(self) -> None:
        self._start(
            "web",
            "-m",
            "daphne",
            "-v",
            "0",
            "-b",
            "127.0.0.1",
            "-p",
            str(self._port),
            "reconsite.asgi:application",
        )
        begun = time.monotonic()
        while not self._answers():
            self._supervisor.demand_all_running()
            if self._cancelled.wait(POLL_SECONDS):
                raise CancelledError
            if time.monotonic() > begun + READY_WITHIN_SECONDS:
                raise Failure("The web server does not answer: its lines above say why.")
        self._console.end("Web server", f"answers, port {self._port}")

    def _answers(self) -> bool:
        """Whether the page is served, or the way to it where PUBLIC_URL is another address."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            connection.request("GET", "/", headers={"Host": urlsplit(self._public_url).netloc})
            return connection.getresponse().status in (200, 301)
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _work(self) -> None:
        self._start("worker", MANAGE, "consume_transactions", "--name", "embedded")

    def _produce(self) -> None:
        begun = datetime.now(UTC).replace(microsecond=0)
        # A seed for each run: the ids of a seed come back when it is used again.
        told = (
            "--rate",
            RATE,
            "--fault-rate",
            FAULT_RATE,
            "--seed",
            str(int(begun.timestamp())),
            "--start-at",
            (begun - BEGUN_BEFORE).isoformat(),
        )
        for source in PRODUCERS:
            self._start(source, PROJECT / "producers" / f"{source}_producer.py", *told)

    def _start(self, name: str, *command: str | Path) -> None:
        self._supervisor.start(
            Program(
                name,
                [sys.executable, *command],
                self._environment,
                PROJECT,
                self._instance.run_dir.log(name),
            )
        )


def _hurry_at_the_next_signal() -> threading.Event:
    hurry = threading.Event()
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(ending) is not signal.SIG_IGN:
            signal.signal(ending, lambda *_: hurry.set())
    return hurry
