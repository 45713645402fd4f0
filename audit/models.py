"""Who did what, to what, when and from where."""

from __future__ import annotations

import os
import pwd

from auditlog.models import AbstractLogEntry
from django.db import models


def os_user() -> str:
    """The account that this process runs as: its name, or its number where it has none.

    From the kernel rather than from LOGNAME, which everybody may set.
    """
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


class LogEntry(AbstractLogEntry):
    """One entry of the audit log. Append-only.

    `actor` is who was signed in; of a command, where nobody is, `os_user`
    says who ran it.
    """

    os_user = models.CharField(max_length=256, default=os_user, editable=False)

    class Meta(AbstractLogEntry.Meta):
        db_table = "audit_logs"
