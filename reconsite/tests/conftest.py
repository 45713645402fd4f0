from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client


@pytest.fixture
def signed_in(db: None) -> Callable[..., Client]:
    """A browser in which a member of staff with these roles is signed in."""

    def sign_in(*roles: str, is_staff: bool = True) -> Client:
        user = User.objects.create_user("-".join(roles) or "nobody", is_staff=is_staff)
        user.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def admin(signed_in: Callable[..., Client]) -> Client:
    return signed_in("admin")


@pytest.fixture
def compliance(signed_in: Callable[..., Client]) -> Client:
    return signed_in("compliance")
