"""Lists of the account area, in pages, whose rows the user can remove."""

from __future__ import annotations

from typing import ClassVar

from django.core import signing

from django_ory.http.redirects import page_url, read_return_to

from .account import AccountPageView

__all__ = ["AccountListView"]

DONE_SECONDS = 60


class AccountListView(AccountPageView):
    """A list with buttons. After a change, the URL of the list has the button that was pressed.

    ``page_name``: the name of the URL in the namespace ``ory``. ``done_parameter``: the parameter with the
    button, signed for the owner of the list and for a minute.
    """

    page_name: ClassVar[str]
    done_parameter: ClassVar[str] = "done"

    def get_owner(self) -> str:
        """Return the id that the button is signed for; "" if it is unknown, so that nothing is signed."""
        return self.ory.session.id if self.ory.session else ""

    def build_url(self, *, page: int = 1, done: str = "") -> str:
        """Return the URL of a page of the list, or of the list after a change by the button ``done``."""
        owner = self.get_owner()
        parameters = {
            "page": str(page) if page > 1 else None,
            self.done_parameter: signing.dumps([done, owner], salt=self._salt) if done and owner else None,
            "return_to": read_return_to(self.request, alias=self.alias),
        }
        return page_url(self.request, f"ory:{self.page_name}", parameters)

    def read_done(self) -> str:
        """Return the button that was pressed, or ""."""
        value = self.request.GET.get(self.done_parameter, "")
        try:
            done, owner = signing.loads(value, salt=self._salt, max_age=DONE_SECONDS)
        except (signing.BadSignature, ValueError, TypeError):
            return ""
        return str(done) if owner and owner == self.get_owner() else ""

    @property
    def _salt(self) -> str:
        return f"django_ory.{self.page_name}"
