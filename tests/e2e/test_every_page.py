"""Every page and state on ``FakeOry``, in Chromium: accessibility in light and dark, width, and hosts."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import django
import pytest
from django.utils import translation
from playwright.sync_api import expect

import django_ory
from django_ory.csp import ory_csp
from django_ory.testing import FakeOry
from tests.gallery.states import STATES, URLCONF
from tests.selfservice import shapes
from tests.selfservice.conftest import Kratos

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from django.test import Client
    from playwright.sync_api import Browser, Dialog, Page, Route

    from .page_checker import PageChecker

STATIC = Path(django_ory.__file__).parent / "static" / "ory"
OWN_FILES = {
    "http://localhost/static/ory/ory.css": ("text/css", (STATIC / "ory.css").read_text()),
    "http://localhost/static/ory/ory.js": ("text/javascript", (STATIC / "ory.js").read_text()),
}
CAPTCHA = "https://challenges.test"
ADD_FOREIGN_SCRIPT = """() => new Promise((resolve) => {
  document.addEventListener("securitypolicyviolation", (event) =>
    resolve(`${event.effectiveDirective} ${event.blockedURI}`));
  document.body.append(Object.assign(document.createElement("script"), { src: "https://evil.test/x.js" }));
})"""
SITE = "http://localhost/"  # browsers allow passkeys here without https


@pytest.fixture(scope="session", autouse=True)
def allow_database() -> Iterator[None]:
    """Playwright runs an event loop in this thread, which Django takes for async code.

    For the whole session, since the test database is removed at its end.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture(scope="module")
def show(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens HTML in a browser. ``files``: URL -> content type and body of what the HTML loads from elsewhere.

    ``in_place``: the HTML replaces that of the open page, which needs a fifth of the time of a navigation. A
    page that loads anything else from another host fails the module.
    """
    asked: set[str] = set()
    answers: dict[str, tuple[str, str]] = {}
    headers: dict[str, str] = {}
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()

    def show_html(
        html: str,
        *,
        policy: str = "",
        files: Mapping[str, tuple[str, str]] | None = None,
        in_place: bool = False,
    ) -> Page:
        answers.clear()
        answers.update(OWN_FILES | {SITE: ("text/html", html)} | dict(files or {}))
        headers.clear()
        headers.update({"Content-Security-Policy": policy} if policy else {})
        if in_place and page.url == SITE:
            page.set_content(html)
        else:
            page.goto(SITE)
        return page

    def answer(route: Route) -> None:
        url = route.request.url
        if url not in answers:
            asked.add(urlsplit(url).hostname or "")
        kind, body = answers.get(url, ("text/plain", ""))
        sent = headers if url == SITE else {}
        route.fulfill(headers={**sent, "Content-Type": f"{kind}; charset=utf-8"}, body=body)

    context.route("**/*", answer)
    yield show_html
    context.close()
    assert asked <= {"localhost", "kratos.test"}


def render(name: str, client: Client) -> str:
    """The HTML of a state of the gallery."""
    with FakeOry() as ory:
        return str(STATES[name].open(ory, client).content.decode())


@pytest.mark.parametrize("name", STATES)
@pytest.mark.django_db
def test_page_is_accessible(
    show: Callable[..., Page], page_checker: PageChecker, settings: Any, client: Client, name: str
) -> None:
    """In English, and from right to left in Arabic; in light and dark."""
    settings.ROOT_URLCONF = URLCONF
    for language in ("en", "ar"):
        client.cookies.clear()
        with translation.override(language):
            page = show(render(name, client), in_place=True)
        assert page.locator("html").get_attribute("lang") == language
        page_checker.check_accessibility(page, f"{name} ({language})")


@pytest.mark.skipif(django.VERSION < (6,), reason="Django sends no policy before 6.0")
@pytest.mark.django_db
def test_page_with_a_captcha_works_under_the_strict_policy(
    show: Callable[..., Page], settings: Any, client: Client
) -> None:
    """The script of the captcha and the forms are allowed, other scripts are not."""
    settings.ORY = {"default": {**settings.ORY["default"], "CAPTCHA_ORIGINS": [CAPTCHA]}}
    settings.MIDDLEWARE = ["django.middleware.csp.ContentSecurityPolicyMiddleware", *settings.MIDDLEWARE]
    settings.TEMPLATES = copy.deepcopy(settings.TEMPLATES)
    processors = settings.TEMPLATES[0]["OPTIONS"]["context_processors"]
    processors.append("django.template.context_processors.csp")
    settings.SECURE_CSP = ory_csp(settings.ORY, form_action=[])
    widget = shapes.node("div", "captcha", {"id": "widget", "class": "cf-turnstile"})
    script = shapes.script(f"{CAPTCHA}/api.js")
    script["attributes"]["integrity"] = ""
    with FakeOry() as ory:
        response = Kratos(ory, client).open("login", shapes.login(extra=[widget, script]))
    action = f"{shapes.KRATOS}/self-service/login?flow={shapes.FLOW}"
    page = show(
        response.content.decode(),
        policy=response["Content-Security-Policy"],
        files={
            f"{CAPTCHA}/api.js": (
                "text/javascript",
                "document.querySelector('.cf-turnstile').append('Solved')",
            ),
            "https://evil.test/x.js": ("text/javascript", "document.title = 'hacked'"),
            action: ("text/html", "<h1>Posted</h1>"),
        },
    )
    expect(page.locator(".cf-turnstile")).to_have_text("Solved")
    expect(page.get_by_role("button", name="Show password")).to_be_visible()  # our own script
    assert page.evaluate(ADD_FOREIGN_SCRIPT) == "script-src-elem https://evil.test/x.js"
    page.get_by_label("E-mail address").fill("ann@example.org")
    page.get_by_label("Password", exact=True).fill("secret")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Posted")).to_be_visible()


#: The script of Kratos in short: a passkey is refused in silence, a security key with an alert.
KRATOS_SCRIPT = """
const ask = () => navigator.credentials.get({ publicKey: {} });
window.oryPasskeyLogin = () => { ask().catch(() => {}); };
window.__oryWebAuthnLogin = () => { ask().catch(alert); };
"""
REFUSE = "CredentialsContainer.prototype.get = () => Promise.reject(new DOMException('', '{}'));"
HEIGHTS = """() => [...document.querySelectorAll(".ory-card, .ory-form, .ory-section, .ory-footer")].map(
  (element) => Math.round(element.getBoundingClientRect().height))"""
KEEP_SUBMITTED = """() => document.addEventListener("submit", (event) => {
  event.preventDefault();
  const data = new FormData(event.target, event.submitter);
  window.submitted = { method: data.get("method"), code: data.get("code"), resend: data.get("resend") };
})"""
REFUSED = "Your passkey or security key was not used"
UNSUPPORTED = "This device or browser does not support this kind"
UNUSABLE = "Passkeys and security keys can't be used right now"


@pytest.mark.parametrize(
    ("state", "script", "refusal", "text"),
    [
        ("login.passkey", KRATOS_SCRIPT, "NotAllowedError", REFUSED),
        ("login.passkey", KRATOS_SCRIPT, "NotSupportedError", UNSUPPORTED),
        ("login.passkey", KRATOS_SCRIPT, "SecurityError", UNUSABLE),
        ("login.webauthn-v1", KRATOS_SCRIPT, "NotAllowedError", REFUSED),
        (
            "login.webauthn-v1",
            KRATOS_SCRIPT,
            "InvalidStateError",
            "This passkey or security key is already set up",
        ),
        ("login.passkey", "", "", UNUSABLE),  # blocked, or Kratos is down
        ("login.passkey", "window.oryPasskeyLogin = () => {};", "", UNUSABLE),
        ("login.passkey", "window.oryPasskeyLogin = () => { throw new Error(); };", "", UNUSABLE),
        ("login.passkey", "window.oryPasskeyLogin = async () => JSON.parse('{');", "", UNUSABLE),
    ],
    ids=[
        *("passkey-refused", "passkey-unsupported", "passkey-insecure", "key-refused", "key-known"),
        *("no-script", "idle-script", "broken-script", "broken-options"),
    ],
)
@pytest.mark.django_db
def test_refused_key_is_a_message_on_the_page_and_never_an_alert(
    show: Callable[..., Page], client: Client, state: str, script: str, refusal: str, text: str
) -> None:
    html = render(state, client)
    for attribute in ('integrity="sha512-abc"', 'crossorigin="anonymous"'):
        html = html.replace(attribute, "")
    source = f"{shapes.KRATOS}/.well-known/ory/webauthn.js"
    scripts = f"<script>{REFUSE.format(refusal)}</script>"
    if source not in html:
        scripts += f'<script defer src="{source}"></script>'
    page = show(html.replace("</head>", f"{scripts}</head>"), files={source: ("text/javascript", script)})
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    button = page.locator("[data-ory-click]")
    for _ in range(2):  # the button can be used again
        button.click()
        expect(page.get_by_role("alert")).to_contain_text(text)
        expect(button).not_to_have_attribute("aria-busy", "true")
    page.remove_listener("dialog", dismiss)
    assert dialogs == []


@pytest.mark.django_db
def test_enter_key_confirms_the_code_instead_of_sending_another_one(
    show: Callable[..., Page], client: Client
) -> None:
    page = show(render("login.code-sent", client))
    page.evaluate(KEEP_SUBMITTED)
    expect(page.get_by_label("Code", exact=True)).to_be_focused()
    page.keyboard.type("123456")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_have_attribute("aria-busy", "true")
    assert page.evaluate("window.submitted") == {"method": "code", "code": "123456", "resend": None}


@pytest.mark.parametrize("name", ["login.passkey", "registration.second", "settings.profile"])
@pytest.mark.django_db
def test_script_does_not_move_the_content(
    show: Callable[..., Page], settings: Any, client: Client, name: str
) -> None:
    """Buttons that need the script have their place before the script runs."""
    settings.ROOT_URLCONF = URLCONF
    html = render(name, client)
    before = show(html, files={f"{SITE}static/ory/ory.js": ("text/javascript", "")}).evaluate(HEIGHTS)
    assert show(html).evaluate(HEIGHTS) == before
