"""`tether.py PARENT ACCOUNT COMMAND…`: becomes a program that dies when its parent does.

On Linux. ACCOUNT is `USER:GROUP` in numbers, or `-` for whoever runs this; COMMAND
begins with a path. Not a function between fork and exec, for other threads may
hold locks then.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, account: str, command: list[str]) -> None:
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    # First, for a change of account unties the tether. From here on nothing may be imported:
    # the account may not be able to read Python's files.
    if account != "-":
        user, group = map(int, account.split(":"))
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    if prctl(PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        raise OSError(ctypes.get_errno(), "prctl refused to tie a program to its parent")
    if os.getppid() != parent:  # it died before
        os.kill(os.getpid(), signal.SIGKILL)
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
