"""Tools and their loans."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils import timezone


class ToolOnLoan(Exception):
    """Another member has borrowed the tool."""


class Tool(models.Model):
    """A tool that members can borrow."""

    class Kind(models.TextChoices):
        WOOD = "wood", "Woodwork"
        GARDEN = "garden", "Garden"
        HOUSE = "house", "House"
        BIKE = "bike", "Bikes"

    name = models.CharField(max_length=80)
    slug = models.SlugField(unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    note = models.CharField(max_length=200)
    loan_days = models.PositiveSmallIntegerField(default=7)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("tool", args=[self.slug])

    @property
    def current_loan(self) -> Loan | None:
        """The open loan of this tool, or None. Prefetch ``loans`` for lists."""
        return next((loan for loan in self.loans.all() if loan.returned_on is None), None)

    def get_due_date(self) -> date:
        """Return the due date of a loan that starts today."""
        return timezone.localdate() + timedelta(days=self.loan_days)

    def lend_to(self, user: Any) -> Loan:
        """Start a loan. Raises ToolOnLoan if the tool has an open loan."""
        try:
            with transaction.atomic():
                return Loan.objects.create(tool=self, borrower=user, due_on=self.get_due_date())
        except IntegrityError:
            raise ToolOnLoan from None


class Loan(models.Model):
    """A loan of one tool to one member."""

    tool = models.ForeignKey(Tool, on_delete=models.PROTECT, related_name="loans")
    borrower = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="loans")
    borrowed_on = models.DateField(default=timezone.localdate)
    due_on = models.DateField()
    returned_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("due_on", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["tool"],
                condition=models.Q(returned_on__isnull=True),
                name="lending_one_open_loan_per_tool",
                violation_error_message="Another member has borrowed it.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.tool}, due {self.due_on}"

    @property
    def is_overdue(self) -> bool:
        return self.returned_on is None and self.due_on < timezone.localdate()

    def give_back(self) -> None:
        """End the loan. The first date stays."""
        if self.returned_on is None:
            self.returned_on = timezone.localdate()
            self.save(update_fields=["returned_on"])
