"""`python -m reconsite.embedded COMMAND`, which the Makefile's targets call.

RUN_DIR names the directory of the instance, `.run` by default; each instance
has its own data and ports.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from reconsite.embedded.chromium import ensure_chromium
from reconsite.embedded.console import Console
from reconsite.embedded.contents import bring_in
from reconsite.embedded.failure import Failure, failure_of_system
from reconsite.embedded.frontend import FRONTEND, Frontend
from reconsite.embedded.instance import Instance
from reconsite.embedded.run import run
from reconsite.embedded.rundir import RunDir


def main() -> int:
    options, arguments = _parse()
    for ending in _endings():
        signal.signal(ending, signal.default_int_handler)
    console = Console()
    run_dir = RunDir(Path(os.environ.get("RUN_DIR") or ".run"))
    try:
        if options.command == "test":
            return test(run_dir, console, arguments)
        if options.command == "npm":
            return _frontend(run_dir, console).npm(*arguments)
        if options.command == "run":
            with run_dir.claimed():
                return run(run_dir, console)
        instance = Instance(run_dir, environment=os.environ, console=console)
        if options.command == "start":
            with run_dir.held(console):
                start(instance, console, empty=options.empty)
        else:
            with run_dir.claimed(), run_dir.held(console):
                stop(instance, console, and_forget=options.command == "reset")
    except Failure as failure:
        console.complain(str(failure))
        return 1
    except OSError as error:
        console.complain(str(failure_of_system(error, place=run_dir.path)))
        return 1
    except KeyboardInterrupt:
        console.complain("Interrupted; what this command started was stopped.")
        return 130
    return 0


def start(instance: Instance, console: Console, *, empty: bool) -> None:
    instance.start()
    instance.write_settings()
    if not empty:
        try:
            bring_in(instance.settings(), run_dir=instance.run_dir, console=console)
        except KeyboardInterrupt:
            instance.stop_started()
            raise
    console.say(f"Settings: {instance.settings_file}")


def stop(instance: Instance, console: Console, *, and_forget: bool) -> None:
    instance.stop()
    if and_forget:
        instance.forget()
        console.say("The data of the embedded services is gone.")


def test(run_dir: RunDir, console: Console, pytest_arguments: Sequence[str]) -> int:
    """Run the dashboard's tests, then pytest; with arguments only pytest, which gets them.

    Against empty services; those that did not run before are ended afterwards.
    """
    whole = not pytest_arguments
    frontend = _frontend(run_dir, console)
    if whole or any("browser" in argument for argument in pytest_arguments):
        ensure_chromium(run_dir, console)
        frontend.build()
    if whole and (code := frontend.npm("test")):
        return code
    instance = Instance(run_dir, environment=os.environ, console=console)
    with run_dir.held(console):
        start(instance, console, empty=True)
    try:
        return _pytest(instance.settings(), pytest_arguments)
    finally:
        with run_dir.held(console):
            instance.stop_started()


def _frontend(run_dir: RunDir, console: Console) -> Frontend:
    run_dir.path.mkdir(parents=True, exist_ok=True)
    return Frontend(FRONTEND, run_dir=run_dir, console=console, cancelled=threading.Event())


def _pytest(settings: Mapping[str, str], arguments: Sequence[str]) -> int:
    """pytest's exit code. As the owner of the database, for it makes one of its own."""
    as_owner = {**settings, "DATABASE_URL": settings["DATABASE_OWNER_URL"]}
    run = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "pytest", *arguments], env={**os.environ, **as_owner}
    )
    # Whatever ends us ends pytest first; a Ctrl-C reaches it by itself.
    for ending in _endings():
        signal.signal(ending, lambda *_: run.send_signal(signal.SIGINT))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return abs(run.wait())


def _endings() -> list[signal.Signals]:
    """The signals that end a command as a Ctrl-C does; not a hang-up when run by nohup."""
    hang_up = [] if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else [signal.SIGHUP]
    return [signal.SIGINT, signal.SIGTERM, *hang_up]


def _parse() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(prog="python -m reconsite.embedded")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="run everything until Ctrl-C")
    starting = commands.add_parser("start", help="start what does not run")
    starting.add_argument(
        "--empty", action="store_true", help="bring in no tables, topics and schemas"
    )
    commands.add_parser("stop", help="stop the services")
    commands.add_parser("reset", help="stop the services and remove their data")
    commands.add_parser("test", help="run all tests, or pytest alone, which gets what follows")
    commands.add_parser("npm", help="run npm on the dashboard; it gets what follows")
    options, more = parser.parse_known_args()
    if more and options.command not in ("test", "npm"):
        parser.error(f"unknown: {' '.join(more)}")
    return options, more


if __name__ == "__main__":
    sys.exit(main())
