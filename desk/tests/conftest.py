from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django import Settings

PASSWORD = "as long as it takes"


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """The product's hash takes a quarter of a second on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    """A local account with these roles."""

    def make(name: str, *roles: str) -> User:
        user = User.objects.create_user(name, password=PASSWORD)
        user.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
        return user

    return make


@pytest.fixture
def viewer(client: Client, make_user: Callable[..., User]) -> Client:
    """A browser in which a viewer is signed in."""
    client.force_login(make_user("viewer", "viewer"))
    return client


@pytest.fixture
def nobody(client: Client, make_user: Callable[..., User]) -> Client:
    """A browser in which somebody without a role is signed in."""
    client.force_login(make_user("nobody"))
    return client
