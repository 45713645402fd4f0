"""The versions of the rules, as a worker knows them."""

from __future__ import annotations

from collections.abc import Sequence

from reconciliation.models import RuleSetVersion
from reconciliation.rules import RuleSet


class RuleBook:
    """All versions that are in the database, read again when there is a newer one."""

    def __init__(self) -> None:
        self._versions: list[RuleSet] = []

    def current(self) -> Sequence[RuleSet]:
        """Every version, oldest first.

        Read under a lane's lock this is exact: a new version comes into force
        under the locks of all lanes.
        """
        known = self._versions[-1].version if self._versions else 0
        self._versions += [
            RuleSet.from_document(row.version, row.in_force_from, row.rules)
            for row in RuleSetVersion.objects.filter(version__gt=known).order_by("version")
        ]
        return self._versions
