#!/usr/bin/env python
"""Reconsite's commands; `manage.py help` lists them."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line
from django.db import OperationalError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reconsite.settings")
    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        reason = " ".join(str(error).split())
        sys.exit(f"PostgreSQL cannot do this now: {reason}. Is it up, and is DATABASE_URL right?")


if __name__ == "__main__":
    main()
