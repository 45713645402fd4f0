"""The services of the embedded run: PostgreSQL, Valkey, Apache Kafka and a schema registry.

Real servers from wheels and pinned archives, on loopback, each with its data
below one run directory. Knows nothing of Django or of the product's apps.
"""
