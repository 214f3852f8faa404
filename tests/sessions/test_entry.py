"""Addresses of the sign-in page."""

from __future__ import annotations

from django.test import RequestFactory

from django_ory.sessions.entry import login_url, page_to_return_to


def test_the_plain_page() -> None:
    assert login_url(RequestFactory().get("/"), return_to=None) == "/auth/login/"


def test_with_everything() -> None:
    url = login_url(
        RequestFactory().get("/"), return_to="http://testserver/a?b=c&d", aal="aal2", refresh=True
    )
    assert url == "/auth/login/?return_to=http%3A%2F%2Ftestserver%2Fa%3Fb%3Dc%26d&aal=aal2&refresh=true"


def test_where_to_come_back_to() -> None:
    factory = RequestFactory()
    assert page_to_return_to(factory.get("/a?b=c")) == "http://testserver/a?b=c"
    post = factory.post("/a", headers={"referer": "http://testserver/form"})
    assert page_to_return_to(post) == "http://testserver/form"
    assert page_to_return_to(factory.post("/a")) == "http://testserver/a"
