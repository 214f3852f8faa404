"""Tools and loans as JSON."""

from __future__ import annotations

from datetime import date

from rest_framework import serializers

from .models import Loan, Tool


class ToolSerializer(serializers.ModelSerializer):
    """A tool. ``on_loan_until`` is the due date of its open loan, or null for a tool on the shelf."""

    on_loan_until = serializers.SerializerMethodField()

    class Meta:
        model = Tool
        fields = ("slug", "name", "kind", "note", "loan_days", "on_loan_until")

    def get_on_loan_until(self, tool: Tool) -> date | None:
        loan = tool.current_loan
        return None if loan is None else loan.due_on


class LoanSerializer(serializers.ModelSerializer):
    """A loan. To borrow a tool, send its slug as ``tool``; the other fields are read-only."""

    tool = serializers.SlugRelatedField(slug_field="slug", queryset=Tool.objects.all())
    tool_name = serializers.CharField(source="tool.name", read_only=True)
    is_overdue = serializers.BooleanField(read_only=True)

    class Meta:
        model = Loan
        fields = ("id", "tool", "tool_name", "borrowed_on", "due_on", "returned_on", "is_overdue")
        read_only_fields = ("borrowed_on", "due_on", "returned_on")


class OverdueLoanSerializer(serializers.ModelSerializer):
    """A loan to remind its borrower of."""

    tool_name = serializers.CharField(source="tool.name", read_only=True)
    email = serializers.EmailField(source="borrower.email", read_only=True)

    class Meta:
        model = Loan
        fields = ("id", "tool_name", "due_on", "email")


class KeyBoxSerializer(serializers.Serializer):
    """The code of the key box."""

    code = serializers.RegexField(r"^\d{4}$", read_only=True)


class ErasedLoansSerializer(serializers.Serializer):
    """The number of erased loans."""

    erased = serializers.IntegerField(read_only=True)
