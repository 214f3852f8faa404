"""One mixin per area of Ory's API. An operation is a signature, a docstring and one call.

How to add one::

    class FrontendOperations(Operations):
        @operation                                       # a listing: @listing(Paging.LINK)
        def get_self_service_login_flow(self, *, id: str, cookie: str | None = None) -> models.LoginFlow:
            \"\"\"Summary in one line.

            What a parameter means where its name does not say it, the errors that belong to this operation.
            Source: Kratos, GET /self-service/login/flows; first in v0.10.1.
            \"\"\"
            return self._send(
                "GET /self-service/login/flows", KRATOS_PUBLIC, models.LoginFlow, query={"id": id},
                headers={"Cookie": cookie})

        get_login_flow = get_self_service_login_flow     # today's name

Path parameters are positional, in path order: ``path={"id": id}``. Everything else is keyword-only. ``body=``
is the JSON body, ``form=`` a form. None is not sent. Defaults that Ory documents are never written here:
several of them are wrong.

The third positional argument of ``_send`` is what comes back, as a value, and the method's annotation says
the same: ``models.Session``, ``list[models.Session]``, ``dict[str, Any]``, ``str`` for text, None for none.
``with_http_info`` and ``iterate`` then work and are typed. ``models`` is imported as a module, so nothing
loads before it is used. ``or_empty=True``: the answer may also be empty, and None comes back then.
``redirect=True``: a 3xx is a success. ``once=True``: not repeated even if it is a GET.
``max_bytes=MAX_USER_DATA_BYTES``: for a body whose size users choose, such as a session or a flow.
"""

from __future__ import annotations

from .operation import Operations, Paging, listing, operation

__all__ = ["Operations", "Paging", "listing", "operation"]
