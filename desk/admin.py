"""Accounts and roles. Rights are code: neither page offers permissions that count for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User

from desk.roles import RIGHTS, Role
from reconciliation.read_only_admin import ReadOnlyAdmin, Table, link, moment, page_of

if TYPE_CHECKING:
    _UserAdmin = UserAdmin[User]
else:
    _UserAdmin = UserAdmin

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class AccountAdmin(_UserAdmin):
    list_display = ("username", "get_full_name", "roles", "is_active", moment("last_login"))
    list_filter: ClassVar[Any] = ("is_active", "groups")
    search_fields = ("username", "first_name", "last_name")
    show_facets = admin.ShowFacets.NEVER
    filter_horizontal = ("groups",)
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("username", "first_name", "last_name", "email")}),
        ("What it may do", {"fields": ("is_active", "is_staff", "groups")}),
        ("When", {"fields": ("last_login", "date_joined")}),
    )

    @admin.display(description="roles")
    def roles(self, user: User) -> str:
        return ", ".join(user.groups.order_by("name").values_list("name", flat=True)) or "-"


@admin.register(Group)
class RoleAdmin(ReadOnlyAdmin):
    list_display = ("name",)
    ordering = ("name",)
    facts = ("name", "rights")

    @admin.display(description="rights in the admin")
    def rights(self, group: Group) -> str:
        if group.name not in Role.values:
            return "None: this is no role."
        return "\n".join(sorted(RIGHTS[Role(group.name)])) or "None: the dashboard alone."

    def tables(self, group: Group) -> Sequence[Table]:
        members = group.user_set.order_by("username")
        rows = [
            (link(page_of(User, user.pk), user), "yes" if user.is_active else "no")
            for user in members
        ]
        return (Table("Who has this role", ("account", "active"), rows, "Nobody."),)
