"""The schema registry: Apicurio with its data in a file, speaking Confluent's API."""

from __future__ import annotations

import http.client
from pathlib import Path

from reconsite.embedded.downloads import Downloads, pinned_for
from reconsite.embedded.java import java
from reconsite.embedded.service import Service

CONFLUENT_API = "/apis/ccompat/v7"


class Registry(Service):
    key = "registry"
    name = "Schema registry"
    setting = "SCHEMA_REGISTRY_URL"
    default_port = 8081
    more_ports = ("registry_management",)

    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{CONFLUENT_API}"

    def prepare(self, downloads: Downloads) -> list[str | Path]:
        (archive,) = pinned_for("registry")
        application = downloads.unpacked(archive, who=self.name)
        options = {
            "java.util.logging.manager": "org.jboss.logmanager.LogManager",
            "quarkus.http.host": "127.0.0.1",
            "quarkus.http.port": self.port,
            "quarkus.management.host": "127.0.0.1",  # else it listens on every address
            "quarkus.management.port": self.run_dir.port("registry_management"),
            "apicurio.storage.kind": "sql",
            "apicurio.storage.sql.kind": "h2",
            "apicurio.datasource.url": f"jdbc:h2:file:{self.run_dir.directory('registry')}/data",
        }
        defined = [f"-D{name}={value}" for name, value in options.items()]
        return java(*defined, "-jar", application / "quarkus-run.jar")

    def is_ready(self) -> bool:
        # Not urllib or httpx: those would ask the proxy of the environment.
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", f"{CONFLUENT_API}/subjects")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
