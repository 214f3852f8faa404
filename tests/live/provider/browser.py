"""A browser without JavaScript: HTTP to Kratos and Hydra, the site from this process, one cookie jar."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from http.client import HTTPMessage
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import requests
from django.test.client import ClientHandler
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from tests.live.codes import totp

HOME = "http://localhost:1/"  # of the other site; no server listens, so the browser stops there
CALLBACK = f"{HOME}callback"


class InProcess(BaseAdapter):
    """Serves a site by its WSGI application, so that tests in parallel need no port. CSRF is enforced."""

    def __init__(self) -> None:
        super().__init__()
        self.application = ClientHandler(enforce_csrf_checks=True)

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        url = urlsplit(request.url or "")
        body = request.body or b""
        payload = body.encode() if isinstance(body, str) else bytes(body)
        answer = self.application(
            {
                "REQUEST_METHOD": request.method,
                "PATH_INFO": url.path,
                "QUERY_STRING": url.query,
                "SERVER_NAME": url.hostname,
                "SERVER_PORT": str(url.port),
                "SERVER_PROTOCOL": "HTTP/1.1",
                "REMOTE_ADDR": "127.0.0.1",
                "CONTENT_LENGTH": str(len(payload)),
                "CONTENT_TYPE": request.headers.get("Content-Type", ""),
                "HTTP_HOST": url.netloc,
                **{f"HTTP_{k.upper().replace('-', '_')}": v for k, v in request.headers.items()},
                "wsgi.input": io.BytesIO(payload),
                "wsgi.url_scheme": url.scheme,
                "wsgi.version": (1, 0),
                "wsgi.errors": io.StringIO(),
                "wsgi.multithread": False,
                "wsgi.multiprocess": False,
                "wsgi.run_once": False,
            }
        )
        lines = [*answer.items(), *(("Set-Cookie", c.OutputString()) for c in answer.cookies.values())]
        message = HTTPMessage()
        for name, value in lines:
            message.add_header(name, value)
        raw = HTTPResponse(
            body=io.BytesIO(b"".join(answer)),
            headers=HTTPHeaderDict(lines),
            status=answer.status_code,
            preload_content=False,
            original_response=SimpleNamespace(msg=message, isclosed=lambda: True),  # type: ignore[arg-type]
        )
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        pass


@dataclass
class Form:
    """A form of a page: action, fields and buttons."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.select = ""  # the name of the last select

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attributes}
        if tag == "a":
            self.links.append(a.get("href", ""))
        elif tag == "form":
            self.forms.append(Form(action=a.get("action", ""), method=a.get("method", "get")))
        elif self.forms and tag == "select":
            self.select = a.get("name", "")
            self.forms[-1].fields.append((self.select, ""))
        elif self.forms and tag == "option" and "selected" in a:
            self.forms[-1].fields[-1] = (self.select, a.get("value", ""))
        elif self.forms and tag == "button" and a.get("name"):
            self.forms[-1].buttons.append((a["name"], a.get("value", "")))
        elif self.forms and tag == "input" and a.get("name"):
            if a.get("type") == "submit":
                self.forms[-1].buttons.append((a["name"], a.get("value", "")))
            elif a.get("type") not in ("checkbox", "radio") or "checked" in a:
                self.forms[-1].fields.append((a["name"], a.get("value", "")))


@lru_cache(maxsize=1)  # the forms and links of a page are read several times
def _parse(page: str) -> _Forms:
    parser = _Forms()
    parser.feed(page)
    return parser


class Browser:
    """Follows redirects over all hosts to a page, or to the client's callback; ``path`` has every address."""

    def __init__(self, site_url: str, *, is_served: bool = False) -> None:
        """``is_served``: a server runs at this URL, so the site is not called in this process."""
        self.session = requests.Session()
        self.session.trust_env = False
        if not is_served:
            self.session.mount(site_url, InProcess())
        self.url = ""
        self.status = 0
        self.text = ""
        self.path: list[str] = []

    def open(self, url: str) -> Browser:
        return self._go("GET", url)

    def post(self, url: str, data: list[tuple[str, str]]) -> Browser:
        """Send what no form of ours would."""
        return self._go("POST", url, data=data)

    def forget(self, *, keep: str = "", only: str = "") -> None:
        """Drop the cookies with names that start with ``only``, but not with ``keep``."""
        jar = self.session.cookies
        for cookie in list(iter(jar)):
            if cookie.name.startswith(only) and not (keep and cookie.name.startswith(keep)):
                jar.clear(cookie.domain, cookie.path, cookie.name)

    def press(
        self, button: str, *, form: int | None = None, without: tuple[str, ...] = (), **fields: str
    ) -> Browser:
        """Send a form by the button of that name, as browsers do; ``without``: values that are unticked.

        Of several forms it is the first with such a button, unless ``form`` is its number.
        """
        with_button = [each for each in self.forms if button in dict(each.buttons)]
        chosen = [*with_button, *self.forms][0] if form is None else self.forms[form]
        data = [(k, v) for k, v in chosen.fields if k not in fields and v not in without]
        pressed = [(k, v) for k, v in chosen.buttons if k == button][:1]
        return self._go(
            chosen.method.upper(), urljoin(self.url, chosen.action), data=[*data, *fields.items(), *pressed]
        )

    @property
    def forms(self) -> list[Form]:
        return self._parsed.forms

    @property
    def links(self) -> list[str]:
        return [urljoin(self.url, link) for link in self._parsed.links]

    @property
    def query(self) -> dict[str, str]:
        """The query of the current address."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}

    def visited(self, part: str) -> bool:
        """Whether the last redirects included a URL that contains this text."""
        return any(part in url for url in self.path)

    @property
    def _parsed(self) -> _Forms:
        return _parse(self.text)

    def _go(self, method: str, url: str, **options: Any) -> Browser:
        self.path = []
        page = urlsplit(self.url)
        headers = {"Accept": "text/html,application/xhtml+xml"}
        if method == "POST" and page.netloc:
            headers["Origin"] = f"{page.scheme}://{page.netloc}"
        for _ in range(25):
            self.path.append(url)
            self.url = url
            if url.startswith(HOME):
                self.status, self.text = 0, ""
                return self
            answer = self.session.request(
                method, url, allow_redirects=False, timeout=10, headers=headers, **options
            )
            self.status, self.text = answer.status_code, answer.text
            if not answer.is_redirect:
                return self
            url = urljoin(url, answer.headers["Location"])
            method, options = "GET", {}
            headers.pop("Origin", None)
        raise AssertionError(f"sent around in circles: {self.path[-4:]}")


def is_asked(page: Browser) -> bool:
    """Return whether this is the consent page."""
    return page.status == 200 and "/auth/oauth2/consent/" in page.url


def give_second_factor(browser: Browser, secret: str, *, steps_ahead: int = 0) -> Browser:
    """Complete the page for the second factor."""
    assert "aal=aal2" in "".join(browser.path), browser.path
    for number, form in enumerate(browser.forms):
        if any(name == "totp_code" for name, _ in form.fields):
            return browser.press("method", form=number, totp_code=totp(secret, steps_ahead=steps_ahead))
    raise AssertionError(browser.text[:3000])
