"""Admin pages for tools and loans. The admin pages for accounts are django_ory's."""

from __future__ import annotations

from django.contrib import admin

from .models import Loan, Tool


@admin.register(Tool)
class ToolAdmin(admin.ModelAdmin):
    list_display = ("name", "kind", "loan_days")
    list_filter = ("kind",)
    search_fields = ("name", "note")
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012 (as Django documents it)


@admin.register(Loan)
class LoanAdmin(admin.ModelAdmin):
    list_display = ("tool", "borrower", "borrowed_on", "due_on", "returned_on")
    list_select_related = ("tool", "borrower")
    autocomplete_fields = ("tool",)
    raw_id_fields = ("borrower",)
    date_hierarchy = "borrowed_on"
