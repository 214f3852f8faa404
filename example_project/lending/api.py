"""The operations of the API, each with the credential and the scope that it requires.

The site's own pages use the Kratos session, which has no scopes: ``HasScope(...) | IsSession``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from django_ory.rest_framework.permissions import (
    HasAAL,
    HasScope,
    IsClient,
    IsSession,
    IsUser,
    IsVerified,
    RecentLogin,
)

from .key_box import get_key_box_code
from .models import Loan, Tool, ToolOnLoan
from .serializers import (
    ErasedLoansSerializer,
    KeyBoxSerializer,
    LoanSerializer,
    OverdueLoanSerializer,
    ToolSerializer,
)

#: The scope of each action of ``LoanViewSet``.
LOAN_SCOPES = {
    "list": "loans.read",
    "retrieve": "loans.read",
    "create": "loans.write",
    "give_back": "loans.write",
}


class Conflict(APIException):
    """409: the tool is on loan."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "Another member has borrowed this tool."
    default_code = "on_loan"


class ToolViewSet(ReadOnlyModelViewSet):
    """Tools are public, as on the home page. No session is looked up, so the list works while Ory is down."""

    queryset = Tool.objects.prefetch_related("loans")
    serializer_class = ToolSerializer
    authentication_classes = ()
    permission_classes = (AllowAny,)
    lookup_field = "slug"

    @extend_schema(summary="List tools")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """All tools, by name."""
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="Get a tool")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One tool."""
        return super().retrieve(request, *args, **kwargs)


class LoanViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.CreateModelMixin, GenericViewSet):
    """The loans of the user."""

    serializer_class = LoanSerializer
    permission_classes = (IsUser & (HasScope(actions=LOAN_SCOPES) | IsSession),)

    def get_queryset(self) -> QuerySet[Loan]:
        if getattr(self, "swagger_fake_view", False):  # the schema is generated without a user
            return Loan.objects.none()
        return Loan.objects.filter(borrower=self.request.user).select_related("tool")

    @extend_schema(summary="List loans")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The open and returned loans of the user, by due date."""
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="Get a loan")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A loan of the user."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(
        summary="Borrow a tool",
        responses={201: LoanSerializer, 409: OpenApiResponse(description="The tool is on loan.")},
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Start a loan of a tool."""
        return super().create(request, *args, **kwargs)

    def perform_create(self, serializer: BaseSerializer) -> None:
        try:
            serializer.instance = serializer.validated_data["tool"].lend_to(self.request.user)
        except ToolOnLoan:
            raise Conflict from None

    @extend_schema(summary="Return a tool", request=None, responses=LoanSerializer)
    @action(detail=True, methods=["post"], url_path="return")
    def give_back(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """End a loan. A loan that was returned before stays as it is."""
        loan = self.get_object()
        loan.give_back()
        return Response(self.get_serializer(loan).data)


class LoanHistoryView(APIView):
    """Erasing cannot be undone, so it requires a second factor."""

    permission_classes = (IsUser & (HasScope("loans.write") | IsSession) & HasAAL("aal2"),)

    @extend_schema(summary="Erase the history", responses={200: ErasedLoansSerializer})
    def delete(self, request: Request) -> Response:
        """Erase the returned loans of the user. Requires a sign-in with a second factor."""
        erased, _ = Loan.objects.filter(borrower=request.user, returned_on__isnull=False).delete()
        return Response({"erased": erased})


class OverdueLoansView(ListAPIView):
    """For a machine that sends reminders: no user may read the addresses of others."""

    queryset = Loan.objects.select_related("tool", "borrower")
    serializer_class = OverdueLoanSerializer
    permission_classes = (IsClient & HasScope("loans.overdue"),)

    def get_queryset(self) -> QuerySet[Loan]:
        return super().get_queryset().filter(returned_on__isnull=True, due_on__lt=timezone.localdate())

    @extend_schema(summary="List overdue loans")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The overdue loans of all members. Only for clients with a token of their own."""
        return super().get(request, *args, **kwargs)


class KeyBoxView(APIView):
    """Requires the same as the page: a verified address and a recent sign-in."""

    permission_classes = (
        IsUser & (HasScope("keybox.read") | IsSession) & IsVerified & RecentLogin(timedelta(minutes=10)),
    )

    @extend_schema(summary="Get the code of the key box", responses=KeyBoxSerializer)
    def get(self, request: Request) -> Response:
        """Requires a verified email address and a sign-in within the last ten minutes."""
        return Response({"code": get_key_box_code()}, headers={"Cache-Control": "private, no-store"})
