"""The schema registry: the schemas that producers write with, and our own put there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient, SchemaRegistryError
from django.conf import settings

from ingestion.writer_schema import SCHEMA_TEXT, NotAvro, UnknownSchema, WriterSchema

COMPATIBILITY = "FULL_TRANSITIVE"

# The registry's own codes within a 404; a 404 without one is not the registry speaking.
_NO_SUBJECT, _NO_SCHEMA, _NO_LEVEL = 40401, 40403, 40408
# What it answers to a schema that a subject does not take.
_CONFLICT, _INVALID = 409, 42201


class RegistryUnavailable(Exception):
    """The registry did not answer, or not as one does: a fault, to be tried again later."""


class SubjectContradicts(Exception):
    """What a subject holds contradicts what is to be there; the message says what and how."""


def subject_of(topic: str) -> str:
    return f"{topic}-value"


def connect() -> SchemaRegistryClient:
    """A client of the registry in the settings; it gives up after about five seconds."""
    config: dict[str, object] = {
        "url": settings.SCHEMA_REGISTRY_URL,
        "timeout": 2,
        "max.retries": 1,
    }
    if settings.SCHEMA_REGISTRY_CA:
        config["ssl.ca.location"] = settings.SCHEMA_REGISTRY_CA
    try:
        return SchemaRegistryClient(config)
    except (OSError, ValueError) as error:
        raise RegistryUnavailable(f"SCHEMA_REGISTRY_URL or _CA does not work: {error}.") from error


@contextmanager
def _asking(*expected: int) -> Iterator[None]:
    """Every error of the client but the registry's `expected` codes becomes RegistryUnavailable."""
    try:
        yield
    except SchemaRegistryError as error:
        if error.error_code in expected:
            raise
        raise RegistryUnavailable(f"The schema registry answered: {error}.") from error
    except (httpx2.HTTPError, ValueError, TypeError, AttributeError) as error:
        # The last three: an answer that is no JSON, or not of the shape that was asked for.
        raise RegistryUnavailable(
            f"The schema registry did not answer: {type(error).__name__}: {error}."
        ) from error


class WriterSchemas:
    """The schemas that the registry holds, or held, under the subjects of topics.

    A schema once found is kept for good. For an id that is not known the whole
    subject is listed, and not again before `forget_unknown`. Called after the
    records of a batch were polled, that finds any schema that was registered
    before one of them was written, and a flood of made-up ids costs one
    listing a batch.
    """

    def __init__(self, client: SchemaRegistryClient) -> None:
        self._client = client
        # A text says why a schema cannot be read.
        self._known: dict[tuple[str, int], WriterSchema | str] = {}
        self._listed: set[str] = set()

    def forget_unknown(self) -> None:
        self._listed.clear()

    def find(self, topic: str, schema_id: int) -> WriterSchema:
        """The writer schema of this id for `topic`. Raises UnknownSchema, RegistryUnavailable."""
        subject = subject_of(topic)
        if (subject, schema_id) not in self._known and subject not in self._listed:
            self._list(subject)
            self._listed.add(subject)
        schema = self._known.get((subject, schema_id), "it is not registered")
        if isinstance(schema, str):
            raise UnknownSchema(f"schema {schema_id} of {subject} cannot be read: {schema}")
        return schema

    def _list(self, subject: str) -> None:
        # The client would answer from its cache for a subject that was deleted and made anew.
        self._client.clear_caches()  # type: ignore[no-untyped-call]
        for version in self._versions(subject):
            with _asking():
                found = self._client.get_version(subject, version, deleted=True)
                if found.schema_id is None or found.schema.schema_str is None:
                    raise ValueError(f"version {version} of {subject} without its id or schema")
            if (subject, found.schema_id) not in self._known:
                self._known[subject, found.schema_id] = self._read(found.schema)

    def _versions(self, subject: str) -> list[int]:
        """All versions, those deleted softly too: what they wrote is still there to be read."""
        try:
            with _asking(_NO_SUBJECT):
                return [
                    int(version) for version in self._client.get_versions(subject, deleted=True)
                ]
        except SchemaRegistryError:
            return []

    def _read(self, schema: Schema) -> WriterSchema | str:
        if schema.schema_type not in (None, "AVRO"):
            return f"it is {schema.schema_type}"
        try:
            return WriterSchema(schema.schema_str or "", self._referenced(schema))
        except NotAvro as error:
            return f"it is not Avro: {error}"

    def _referenced(self, schema: Schema) -> list[str]:
        """The texts of the schemas that `schema` refers to, each after those it needs itself."""
        texts: list[str] = []
        for reference in schema.references or ():
            with _asking():
                found = self._client.get_version(
                    str(reference.subject), int(reference.version or 0), deleted=True
                ).schema
            texts += [*self._referenced(found), str(found.schema_str)]
        return list(dict.fromkeys(texts))


def register_schema(client: SchemaRegistryClient, *, topic: str) -> bool:
    """Put our event schema under the subject of `topic`; False where it was there already.

    Raises SubjectContradicts, with nothing registered, and RegistryUnavailable.
    """
    subject = subject_of(topic)
    schema = Schema(SCHEMA_TEXT, "AVRO")
    _require_compatibility(client, subject)
    try:
        with _asking(_CONFLICT, _INVALID):
            there = _holds(client, subject, schema)
            if not there:
                client.register_schema(subject, schema)
            compatible = client.test_compatibility_all_versions(subject, schema)
    except SchemaRegistryError as error:
        raise SubjectContradicts(
            f"{subject} does not take the event schema beside what it holds: {error.error_message}."
        ) from error
    if not compatible:
        raise SubjectContradicts(
            f"{subject} holds the event schema beside a version that is incompatible with it."
        )
    return not there


def _require_compatibility(client: SchemaRegistryClient, subject: str) -> None:
    """Set the compatibility of a subject that has none; refuse one that is lower."""
    try:
        with _asking(_NO_SUBJECT, _NO_LEVEL):
            level = client.get_compatibility(subject)
    except SchemaRegistryError:
        with _asking():
            client.set_compatibility(subject, COMPATIBILITY)
        return
    if level != COMPATIBILITY:
        raise SubjectContradicts(
            f"{subject} has compatibility {level}: raise it to {COMPATIBILITY} in the registry."
        )


def _holds(client: SchemaRegistryClient, subject: str, schema: Schema) -> bool:
    try:
        client.lookup_schema(subject, schema)
    except SchemaRegistryError as error:
        if error.error_code not in (_NO_SUBJECT, _NO_SCHEMA):
            raise
        return False
    return True
