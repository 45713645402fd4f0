"""All services of one instance: started side by side, ended together."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from pathlib import Path

from reconsite.embedded.console import Console
from reconsite.embedded.downloads import Downloads, cache_directory
from reconsite.embedded.external import demand_answer
from reconsite.embedded.kafka import Kafka
from reconsite.embedded.postgres import OWNER, Postgres
from reconsite.embedded.registry import Registry
from reconsite.embedded.rundir import RunDir, write_private
from reconsite.embedded.service import Service
from reconsite.embedded.settings import DEFAULTS, ORIGIN, given, settings_file, shell_lines
from reconsite.embedded.valkey import Valkey


class Instance:
    """The services of one run directory, and the settings that lead to them.

    A service whose setting is in `environment` is somebody else's: it is used,
    never started or ended here. The instance's own address does not count, for
    the shell may have loaded the file that `write_settings` made.
    """

    def __init__(
        self,
        run_dir: RunDir,
        *,
        environment: Mapping[str, str],
        console: Console,
        tethered: bool = False,
    ) -> None:
        """`tethered` services die with this command, should it be killed."""
        self.run_dir = run_dir
        self._given = given(environment, run_dir=run_dir.path)
        self._console = console
        self._kafka = Kafka(run_dir, console)
        self._registry = Registry(run_dir, console)
        self._postgres = Postgres(run_dir, console)
        self._valkey = Valkey(run_dir, console)
        for service in self.services:
            service.tethered = tethered

    @property
    def services(self) -> tuple[Service, ...]:
        return (self._kafka, self._registry, self._postgres, self._valkey)

    @property
    def settings_file(self) -> Path:
        return settings_file(self.run_dir.path)

    def start(self) -> None:
        """Start what does not run, and wait until all answer.

        When one fails, and at a Ctrl-C, those that this call started are ended.
        """
        cancelled = threading.Event()
        with ThreadPoolExecutor(len(self.services)) as pool:
            starts = self.starting(pool, cancelled=cancelled).values()
            try:
                for start in wait(starts, return_when=FIRST_EXCEPTION).done:
                    start.result()
            except BaseException:
                cancelled.set()
                wait(starts)
                self.stop_started()
                raise

    def starting(
        self, pool: ThreadPoolExecutor, *, cancelled: threading.Event
    ) -> dict[str, Future[None]]:
        """By the key of each service: done once it answers, unless all was cancelled before."""
        downloads = Downloads(cache=cache_directory(), console=self._console, cancelled=cancelled)
        for service in self.services:
            if self._is_external(service):
                value = self._given[service.setting]
                demand_answer(service.setting, value, default_port=service.default_port)
                self._console.say(f"{service.name}: the one that {service.setting} names")
        starts: dict[str, Future[None]] = {}
        for service in self.services:
            if self._is_external(service):
                starts[service.key] = Future()
                starts[service.key].set_result(None)
            else:
                starts[service.key] = pool.submit(
                    service.ensure_running, downloads, cancelled=cancelled
                )
        return starts

    def demand_all_running(self) -> None:
        """Raise Failure when a service of this instance is no more."""
        for service in self.services:
            if not self._is_external(service) and not service.is_running():
                raise service.failure("ended.")

    def stop(self) -> None:
        running = [service for service in self.services if service.is_running()]
        for service in running:
            service.stop()
        if not running:
            self._console.say("No service was running.")

    def stop_started(self, *, hurry: threading.Event | None = None) -> None:
        """End, side by side, the services that were started here, and leave the others."""
        started = [service for service in self.services if service.was_started]
        with ThreadPoolExecutor(len(self.services)) as pool:
            for end in [pool.submit(service.stop, hurry=hurry) for service in started]:
                end.result()

    def forget(self) -> None:
        """Remove everything that the services kept; none may be running."""
        for service in self.services:
            service.forget()
        self.run_dir.forget()

    def settings(self) -> dict[str, str]:
        """Every setting by name; what the environment gives stays as it is."""
        database, redis = (
            self._given[service.setting] if self._is_external(service) else None
            for service in (self._postgres, self._valkey)
        )
        made_here = {
            "DATABASE_URL": self._postgres.url(),
            "DATABASE_OWNER_URL": database or self._postgres.url(OWNER),
            "REDIS_URL": self._valkey.url(),
            "CHANNELS_REDIS_URL": redis or self._valkey.url(database=1),
            "KAFKA_BOOTSTRAP_SERVERS": self._kafka.url(),
            "SCHEMA_REGISTRY_URL": self._registry.url(),
            "PUBLIC_URL": f"http://127.0.0.1:{self.run_dir.port('web')}",
            "DJANGO_SECRET_KEY": self.run_dir.secret("django_secret_key"),
            **DEFAULTS,
        }
        return {name: self._given.get(name, value) for name, value in made_here.items()}

    def write_settings(self) -> None:
        marked = {**self.settings(), ORIGIN: str(self.run_dir.path)}
        write_private(self.settings_file, shell_lines(marked))

    def _is_external(self, service: Service) -> bool:
        return self._given.get(service.setting, service.url()) != service.url()
