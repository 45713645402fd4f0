"""The dashboard and the admin in Chromium, over Kafka, a worker and a web server of the test's own.

Elements are found by their roles and words, as people find them.
"""
