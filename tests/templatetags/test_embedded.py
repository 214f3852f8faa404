"""The tags that need the request: a form of Kratos in any page, and the menu of the user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template, TemplateSyntaxError
from django.urls import include, path

from django_ory.testing import FakeOry
from tests.selfservice import shapes
from tests.selfservice.conftest import Kratos
from tests.selfservice.test_views import Tags

if TYPE_CHECKING:
    from django.test import Client


@login_not_required
def show(request: HttpRequest) -> HttpResponse:
    """A page of a site with the tags of the query."""
    source = "{% load ory %}" + request.GET["tags"]
    return HttpResponse(Template(source).render(RequestContext(request)))


urlpatterns = [path("", include("tests.urls")), path("any/", show)]


@pytest.fixture
def site(ory: FakeOry, client: Client, db: None, settings: Any) -> Kratos:
    settings.ROOT_URLCONF = "tests.templatetags.test_embedded"
    return Kratos(ory, client)


def open_page(site: Kratos, tags: str) -> Any:
    return site.client.get("/any/", {"tags": tags})


def list_created(site: Kratos) -> list[Any]:
    """The requests that create flows."""
    return [each for each in site.ory.requests if each.path.endswith("/browser")]


@pytest.mark.parametrize("name", ["login", "registration", "recovery", "verification"])
def test_form_is_rendered_for_an_anonymous_user(site: Kratos, name: str) -> None:
    response = open_page(site, f'{{% ory_form "{name}" %}}')
    tags = Tags(response)
    (form,) = tags.all("form")
    assert f"/self-service/{name}?flow=" in str(form["action"])
    assert tags.all("button", name="method")
    assert not any("autofocus" in attrs for _, attrs in tags.found)  # the page of the site keeps the focus
    assert "no-store" in response["Cache-Control"]
    assert "Cookie" in response["Vary"]
    (cookie,) = (each for each in response.cookies if each.startswith("csrf_token_"))
    assert response.cookies[cookie]["httponly"]
    (created,) = list_created(site)
    return_to = created.get_query("return_to")
    if name in ("login", "registration"):
        assert return_to == "http://testserver/"  # LOGIN_REDIRECT_URL
    else:
        assert return_to.startswith("http://testserver/any/?tags=")


def test_two_forms_of_a_page_share_the_csrf_cookie(site: Kratos) -> None:
    response = open_page(site, '{% ory_form "login" %}{% ory_form "recovery" %}')
    assert len(Tags(response).all("input", name="csrf_token")) >= 2
    (cookie,) = (each for each in response.cookies if each.startswith("csrf_token_"))
    first, second = list_created(site)
    assert first.get_header("Cookie") == ""
    assert second.get_header("Cookie") == f"{cookie}={response.cookies[cookie].value}"


@pytest.mark.parametrize("name", ["login", "registration", "recovery"])
def test_form_is_not_rendered_for_a_signed_in_user(site: Kratos, name: str) -> None:
    site.session()
    response = open_page(site, f'<i>{{% ory_form "{name}" %}}</i>')
    assert response.content == b"<i></i>"
    assert [each.path for each in site.ory.requests] == ["/sessions/whoami"]


def test_verification_is_rendered_for_a_signed_in_user(site: Kratos) -> None:
    site.session()
    assert Tags(open_page(site, '{% ory_form "verification" %}')).all("form")


@pytest.mark.parametrize("answer", [{"fault": "down"}, {"status": 500}, {"status": 400, "json": {}}])
def test_link_is_rendered_if_kratos_creates_no_flow(site: Kratos, answer: Any) -> None:
    site.ory.respond("GET /self-service/login/browser", **answer)
    response = open_page(site, '{% ory_form "login" return_to="/loans/" %}')
    (link,) = Tags(response).all("a")
    assert link["href"] == "/auth/login/?return_to=%2Floans%2F"
    assert not Tags(response).all("form")


def test_link_is_rendered_if_the_user_has_to_choose_a_schema(site: Kratos, settings: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "IDENTITY_SCHEMAS": {"a": "A", "b": "B"}}}
    response = open_page(site, '{% ory_form "registration" %}')
    assert Tags(response).all("a")
    assert not site.ory.requests


def test_only_schema_is_sent(site: Kratos, settings: Any) -> None:
    settings.ORY = {"default": {**settings.ORY["default"], "IDENTITY_SCHEMAS": {"person": "A"}}}
    open_page(site, '{% ory_form "registration" %}')
    assert [each.get_query("identity_schema") for each in list_created(site)] == ["person"]


def test_untrusted_return_to_of_a_form_is_not_sent_to_kratos(site: Kratos) -> None:
    open_page(site, '{% ory_form "login" return_to="https://evil.example/" %}')
    (created,) = list_created(site)
    assert created.get_query("return_to") == "http://testserver/"


@pytest.mark.parametrize("name", ["settings", "bogus", ""])
def test_unknown_form_is_an_error(site: Kratos, name: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="has no form"):
        open_page(site, f'{{% ory_form "{name}" %}}')


# The menu.


def test_menu_of_an_anonymous_user_makes_no_call(site: Kratos) -> None:
    response = open_page(site, "{% ory_user_menu %}")
    links = [each["href"] for each in Tags(response).all("a")]
    assert [str(link).partition("?")[0] for link in links] == ["/auth/login/", "/auth/registration/"]
    assert all("return_to=%2Fany%2F" in str(link) for link in links)
    assert site.ory.requests == []


def test_menu_of_a_user_has_the_name_and_signs_out(site: Kratos) -> None:
    site.session()
    response = open_page(site, "{% ory_user_menu %}{{ user }}{% ory_user_menu %}")
    assert b"<bdi>ann@example.org</bdi>" in response.content
    form = Tags(response).all("form")[0]
    assert (form["action"], form["method"]) == ("/auth/logout/", "post")
    assert Tags(response).all("input", name="csrfmiddlewaretoken")
    assert [each.path for each in site.ory.requests] == ["/sessions/whoami"]


def test_menu_escapes_the_name(site: Kratos) -> None:
    site.identity = site.ory.create_identity({"email": "a&b@example.org"})
    site.session()
    response = open_page(site, "{% ory_user_menu %}")
    assert b"<bdi>a&amp;b@example.org</bdi>" in response.content


def test_menu_is_empty_while_kratos_is_down(site: Kratos) -> None:
    site.unknown_session(fault="down")
    assert open_page(site, "<i>{% ory_user_menu %}</i>").content == b"<i></i>"


def test_links_of_a_page_of_a_flow_do_not_lead_back_to_it(site: Kratos, settings: Any, tmp_path: Any) -> None:
    (tmp_path / "ory" / "layouts").mkdir(parents=True)
    source = "{% load ory %}<nav>{% ory_user_menu %}</nav>{% block ory_body %}{% endblock %}"
    (tmp_path / "ory" / "layouts" / "base.html").write_text(source)
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    response = site.open("recovery", shapes.recovery())
    menu = response.content.decode().partition("</nav>")[0]
    assert 'href="/auth/login/"' in menu
