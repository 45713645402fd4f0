"""Pages of the admin that show what is kept, and change nothing.

Lists are paged by key: each page begins after the last row of the one before.
Nothing is counted, so a list of a hundred million rows opens like one of ten.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import quote
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.signing import BadSignature, Signer
from django.db.models import F, Field, Model, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reconciliation.wording import exact_utc

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin


class Table(NamedTuple):
    """A table beneath the facts of one row; `nothing` is said where it has no rows."""

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]
    nothing: str = "None."


def moment(field: str) -> Callable[[Model], str]:
    """A column that tells a time to the microsecond, in UTC."""

    @admin.display(description=field.replace("_", " "))
    def shown(row: Model) -> str:
        return exact_utc(getattr(row, field))

    return shown


def page_of(model: type[Model], key: object) -> str:
    """The address of one row's page."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    return reverse(name, args=[quote(str(key))])


def list_of(model: type[Model]) -> str:
    """The address of a model's list."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def link(address: str, text: object) -> SafeString:
    return format_html('<a href="{}">{}</a>', address, text)


class KeysetChangeList(ChangeList):
    """A page of `model_admin.ordering`, whose columns all run one way and end in a unique one.

    `older` is the query of the page that follows, None at the end; `begins_later`
    tells that this is not the first page.
    """

    def get_results(self, request: HttpRequest) -> None:
        rows = self.queryset
        position = request.GET.get(PAGE_VAR)
        if position is not None:
            rows = self._after(rows, position)
        found = list(rows[: self.list_per_page + 1])
        self.result_list = found[: self.list_per_page]
        # What is shown is all that is known: then no total is told anywhere.
        self.result_count = self.full_result_count = len(self.result_list)
        self.show_full_result_count = False
        self.show_admin_actions = bool(found)
        self.can_show_all = self.multi_page = False
        self.paginator = self.model_admin.get_paginator(request, self.result_list, 1)
        self.begins_later = position is not None
        self.first = self.get_query_string()
        self.older = None
        if len(found) > self.list_per_page:
            self.older = self.get_query_string({PAGE_VAR: self._position(found[-2])})

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """Ours and no other: the pages follow it, and an index has it."""
        return self._ordering

    @property
    def _ordering(self) -> list[str]:
        return [str(name) for name in self.model_admin.ordering or ()]

    @property
    def _columns(self) -> list[Field[Any, Any]]:
        names = [name.removeprefix("-") for name in self._ordering]
        return [field for field in map(self.opts.get_field, names) if isinstance(field, Field)]

    @property
    def _signer(self) -> Signer:
        """So that a position is one that was written here, of this list in this order."""
        return Signer(salt=" ".join((self.opts.label, *self._ordering)))

    def _position(self, row: Model) -> str:
        return self._signer.sign_object(
            [str(getattr(row, column.name)) for column in self._columns]
        )

    def _after(self, rows: QuerySet[Any], position: str) -> QuerySet[Any]:
        columns = self._columns
        try:
            texts = self._signer.unsign_object(position)
        except BadSignature as error:
            raise IncorrectLookupParameters(str(error)) from error
        values = [column.to_python(text) for column, text in zip(columns, texts, strict=True)]
        compare = TupleLessThan if self._ordering[0].startswith("-") else TupleGreaterThan
        return rows.filter(compare(Tuple(*(F(column.name) for column in columns)), tuple(values)))


class ReadOnlyAdmin(_ModelAdmin):
    """Shows rows, their `facts`, and `tables` of what belongs to a row.

    Whoever may see is told by the permission to view; adding, changing and
    deleting is nobody's, whatever their permissions.
    """

    facts: ClassVar[Sequence[Any]] = ()
    list_per_page = 100
    sortable_by: ClassVar[Any] = ()
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions: Any = ()
    change_form_template = "admin/read_only_change_form.html"
    change_list_template = "admin/keyset_change_list.html"

    def tables(self, row: Any) -> Sequence[Table]:
        return ()

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """None, too, for U+0000, which PostgreSQL's text does not have."""
        return None if "\0" in object_id else super().get_object(request, object_id, from_field)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """What a filter offers; any other column might take a scan of everything."""
        offered: Sequence[Any] = self.list_filter
        return any(lookup in each.parameters() for each in offered)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.facts

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.facts

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = str(self.opts.verbose_name_plural).capitalize()
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return KeysetChangeList

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context["original"]
        context |= {"title": str(row), "subtitle": None, "tables": self.tables(row)}
        return super().render_change_form(request, context, *args, **kwargs)


def record_named(text: str) -> dict[str, Any] | None:
    """Topic, partition and offset of `core_txns/0/12`; None where the text is something else."""
    topic, *numbers = text.split("/")
    if len(numbers) != 2 or not all(number.isascii() and number.isdigit() for number in numbers):
        return None
    partition, offset = map(int, numbers)
    if partition >= 2**31 or offset >= 2**63:
        return None
    return {"topic": topic, "partition": partition, "offset": offset}


class ChoiceFilter(admin.SimpleListFilter):
    """A filter by the choices of a column; another value is refused, not ignored."""

    choices_of: ClassVar[Sequence[tuple[str, str]]] = ()

    @classmethod
    def parameters(cls) -> Sequence[str | None]:
        return (cls.parameter_name,)

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return self.choices_of

    def value(self) -> str | None:
        value = super().value()
        if value is not None and value not in dict(self.choices_of):
            raise IncorrectLookupParameters(f"{self.parameter_name}: {value}")
        return value


class TimeRange(admin.ListFilter):
    """`since` and `until` on one column that an index has; both are optional, in UTC."""

    field: str
    template = "admin/time_range.html"
    NAMES = ("since", "until")

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.NAMES:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]

    @classmethod
    def parameters(cls) -> Sequence[str | None]:
        return cls.NAMES

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(self.NAMES)

    def choices(self, changelist: Any) -> Any:
        """One: what the form is filled with, and what else the query has."""
        others = {
            name: value for name, value in changelist.params.items() if name not in self.NAMES
        }
        yield {
            "used": self.used_parameters,
            "others": others,
            "clear": changelist.get_query_string(remove=list(self.NAMES)),
        }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        for name, comparison in (("since", "gte"), ("until", "lt")):
            if text := self.used_parameters.get(name):
                queryset = queryset.filter(**{f"{self.field}__{comparison}": _utc(str(text))})
        return queryset


def time_range(column: str) -> type[TimeRange]:
    return type("TimeRangeOf", (TimeRange,), {"field": column, "title": column.replace("_", " ")})


def _utc(text: str) -> datetime:
    """As a browser's date and time field gives it, or any ISO 8601; UTC where it does not say."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise IncorrectLookupParameters(str(error)) from error
