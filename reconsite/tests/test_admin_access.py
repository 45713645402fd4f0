"""Who gets into the admin, and what nobody can do there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from reconciliation.read_only_admin import ReadOnlyAdmin

KEPT = [
    "reconciliation_rawevent",
    "reconciliation_reconciliationresult",
    "reconciliation_resultrevision",
    "reconciliation_opentransaction",
    "reconciliation_lane",
    "reconciliation_rulesetversion",
    "ingestion_deadletter",
    "ingestion_kafkaoffset",
    "audit_logentry",
]


def list_of(name: str) -> str:
    return reverse(f"admin:{name}_changelist")


@pytest.mark.parametrize("name", KEPT)
@pytest.mark.parametrize("role", ["admin", "compliance"])
def test_staff_sees_every_list(signed_in: Callable[..., Client], role: str, name: str) -> None:
    assert signed_in(role).get(list_of(name)).status_code == 200


@pytest.mark.parametrize("name", ["index", *(f"{name}_changelist" for name in KEPT)])
@pytest.mark.parametrize("role", ["viewer", "analyst", None])
def test_nobody_else_gets_in_even_marked_as_staff(
    signed_in: Callable[..., Client], role: str | None, name: str
) -> None:
    answer = signed_in(*([role] if role else [])).get(reverse(f"admin:{name}"))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


def test_the_role_without_the_mark_of_staff_is_not_enough(
    signed_in: Callable[..., Client],
) -> None:
    assert signed_in("admin", is_staff=False).get(reverse("admin:index")).status_code == 302


@pytest.mark.parametrize("other", ["//evil.example", "/\\evil.example", "https://evil.example/"])
def test_signing_in_leads_to_no_other_site(client: Client, db: None, other: str) -> None:
    user = User.objects.create_user("ada", password="long", is_staff=True)
    user.groups.add(Group.objects.create(name="admin"))
    credentials = {"username": "ada", "password": "long", "next": other}
    assert client.post(reverse("admin:login"), credentials)["Location"] == "/"


def test_the_admin_is_found_without_its_slash_too(admin: Client) -> None:
    assert admin.get("/admin")["Location"] == "/admin/"
    assert "Location" not in admin.get("/administration")


def test_a_superuser_without_a_role_stays_out(client: Client, db: None) -> None:
    client.force_login(User.objects.create_superuser("root"))
    assert client.get(reverse("admin:index")).status_code == 302


@pytest.mark.parametrize("name", KEPT)
def test_nothing_that_is_kept_can_be_added(admin: Client, name: str) -> None:
    assert admin.get(reverse(f"admin:{name}_add")).status_code == 403


def test_nothing_that_is_kept_can_be_changed_or_deleted(admin: Client, db: None) -> None:
    for action in ("change", "delete"):
        address = reverse(f"admin:reconciliation_lane_{action}", args=[0])
        assert admin.post(address, {"n": 5, "post": "yes"}).status_code == 403


def test_a_superuser_with_a_role_stays_out_too(signed_in: Callable[..., Client]) -> None:
    client = signed_in("compliance")
    address = reverse("admin:ingestion_deadletter_replay", args=[1])
    assert client.post(address).status_code == 403
    User.objects.update(is_superuser=True)
    assert client.post(address)["Location"].startswith("/admin/login/")


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("compliance", 403)])
def test_only_the_role_admin_sees_accounts(
    signed_in: Callable[..., Client], role: str, status: int
) -> None:
    assert signed_in(role).get(reverse("admin:auth_user_changelist")).status_code == status


def test_every_list_of_what_is_kept_is_read_only() -> None:
    shown = site._registry
    ours = {
        model
        for model in shown
        if model._meta.app_label in {"reconciliation", "ingestion", "audit"}
    }
    assert {model._meta.label_lower.replace(".", "_") for model in ours} == set(KEPT)
    assert all(isinstance(shown[model], ReadOnlyAdmin) for model in ours)
