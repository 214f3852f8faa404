"""Public pages, pages for members, and one page that requires a recent sign-in."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_safe

from django_ory.decorators import ory_session_required

from .key_box import get_key_box_code
from .models import Loan, Tool, ToolOnLoan


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """List all tools. This public page also works while Ory is down."""
    return render(request, "lending/home.html", {"tools": Tool.objects.prefetch_related("loans")})


@require_http_methods(["GET", "HEAD", "POST"])
def tool(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a tool; a POST request borrows the tool. Only the POST request requires a sign-in."""
    found = get_object_or_404(Tool, slug=slug)
    if request.method == "POST":
        return _borrow(request, found)
    return render(request, "lending/tool.html", {"tool": found, "loan": found.current_loan})


@login_required
def _borrow(request: HttpRequest, wanted: Tool) -> HttpResponse:
    try:
        loan = wanted.lend_to(request.user)
    except ToolOnLoan:
        messages.error(request, f"{wanted.name} has just been borrowed by another member.")
        return redirect(wanted)
    messages.success(request, f"{wanted.name} is yours until {date_format(loan.due_on, 'F j')}.")
    return redirect("loans")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def loans(request: HttpRequest) -> HttpResponse:
    """List the open loans of the member, and end one on POST."""
    mine = Loan.objects.filter(borrower=request.user, returned_on__isnull=True).select_related("tool")
    if request.method == "POST":
        loan = get_object_or_404(mine, tool__slug=request.POST.get("tool", ""))
        loan.give_back()
        messages.success(request, f"{loan.tool.name} is back on the shelf. Thank you.")
        return redirect("loans")
    return render(request, "lending/loans.html", {"loans": mine})


@ory_session_required(max_age=timedelta(minutes=10), verified=True)
@require_safe
def key_box(request: HttpRequest) -> HttpResponse:
    """Show this week's code of the key box. Requires a verified email address and a recent sign-in."""
    return render(request, "lending/key_box.html", {"code": get_key_box_code()})


@login_required
@require_safe
def profile(request: HttpRequest) -> HttpResponse:
    """Show the identity of the member. The page ``ory:settings`` of django_ory changes it."""
    return render(request, "lending/profile.html")
