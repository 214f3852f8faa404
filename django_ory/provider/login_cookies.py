"""The way back to a login in cookies, for sign-in pages that refuse a long ``next``, as those of Django do.

There is one set of cookies per browser, so abandoned logins do not fill the header. A link to an older login
is answered as one with an unknown challenge.
"""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.crypto import constant_time_compare

#: Django's ``LoginView`` ignores a longer ``next`` (``django.utils.http.MAX_URL_LENGTH``).
MAX_NEXT_LENGTH = 2_048
RESUME_PARAMETER = "resume"
COOKIE_NAME = "ory_oauth2_login"
COOKIE_LENGTH = 3_500  #: browsers keep 4,096 bytes with name and attributes
LOGIN_COOKIE_SECONDS = 30 * 60  #: as long as Hydra waits for a login by default
MAX_COOKIES = 4
_RESUME = re.compile(r"([1-4])-([0-9a-f]{64})")


def set_login_cookies(response: HttpResponse, query: str, *, path: str, is_secure: bool) -> None:
    """Store the query of a login page in the browser, for this path only."""
    for number, part in enumerate(_split(query)):
        response.set_cookie(
            f"{COOKIE_NAME}_{number}",
            part,
            max_age=LOGIN_COOKIE_SECONDS,
            path=path,
            secure=is_secure,
            httponly=True,
            samesite="Lax",
        )


def shorten_next(path: str, query: str) -> tuple[str, str]:
    """Return a ``next`` that Django accepts, and the query to store in cookies; "" for none.

    A query that is also too long for the cookies is lost. Those of Hydra are not.
    """
    page = f"{path}?{query}"
    if len(page) <= MAX_NEXT_LENGTH:
        return page, ""
    resume = urlencode({RESUME_PARAMETER: f"{len(_split(query))}-{_hash(query)}"})
    return f"{path}?{resume}", query if len(query) <= COOKIE_LENGTH * MAX_COOKIES else ""


def read_login_cookies(request: HttpRequest) -> QueryDict:
    """Return the stored query that the request names; an empty one if it is not in the cookies."""
    match = _RESUME.fullmatch(request.GET.get(RESUME_PARAMETER, ""))
    if match is None:
        return QueryDict()
    query = "".join(request.COOKIES.get(f"{COOKIE_NAME}_{number}", "") for number in range(int(match[1])))
    return QueryDict(query) if constant_time_compare(_hash(query), match[2]) else QueryDict()


def _split(query: str) -> list[str]:
    return [query[start : start + COOKIE_LENGTH] for start in range(0, len(query), COOKIE_LENGTH)]


def _hash(query: str) -> str:
    return hashlib.sha256(query.encode()).hexdigest()
