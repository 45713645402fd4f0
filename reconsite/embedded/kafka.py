"""The Apache Kafka broker: one node, broker and controller in one, plain text on loopback."""

from __future__ import annotations

import os
import secrets
import subprocess
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from reconsite.embedded.downloads import Downloads, pinned_for
from reconsite.embedded.failure import failure_of
from reconsite.embedded.java import java
from reconsite.embedded.service import Service

# A broker that was killed is let in again once its session is over: 4 s, not 9.
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
num.network.threads=2
num.io.threads=2
num.partitions=1
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=1000
log.cleaner.dedupe.buffer.size=8388608
log.cleaner.threads=1
num.recovery.threads.per.data.dir=1
log.segment.bytes=67108864
"""

LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = INFO
rootLogger.appenderRef.console.ref = console
"""


class Kafka(Service):
    key = "kafka"
    name = "Apache Kafka"
    setting = "KAFKA_BOOTSTRAP_SERVERS"
    default_port = 9092
    more_ports = ("kafka_controller",)

    def url(self) -> str:
        return f"127.0.0.1:{self.port}"

    def prepare(self, downloads: Downloads) -> list[str | Path]:
        home = self.run_dir.directory("kafka")
        jars = downloads.files(pinned_for("kafka"), who=self.name)
        properties, logging = home / "server.properties", home / "log4j2.properties"
        properties.write_text(
            PROPERTIES.format(
                port=self.port,
                controller_port=self.run_dir.port("kafka_controller"),
                data=home / "data",
            )
        )
        logging.write_text(LOGGING)
        launch = java(
            f"-Dlog4j2.configurationFile={logging}", "-cp", os.pathsep.join(map(str, jars))
        )
        if not (home / "data" / "meta.properties").exists():
            self.console.begin(self.name, "making its data directory")
            self._format(launch, properties)
        return [*launch, "kafka.Kafka", properties]

    def is_ready(self) -> bool:
        client = AdminClient({"bootstrap.servers": self.url(), "log_level": 0})
        try:
            return bool(client.list_topics(timeout=1).brokers)
        except KafkaException:
            return False

    def _format(self, launch: list[str | Path], properties: Path) -> None:
        # Begins with a letter: an id that begins with `-` is read as an option.
        cluster = f"r{secrets.token_urlsafe(16)[1:]}"
        made = subprocess.run(  # noqa: S603
            [*launch, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", properties],
            start_new_session=True,  # else a Ctrl-C would end it halfway
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            raise failure_of(
                "Apache Kafka could not make its data directory; mend this and start again:",
                told=made.stderr or made.stdout,
                place=properties.parent,
            )
