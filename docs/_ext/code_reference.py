"""Directives that print reference tables from the code, so that no page can say what is no longer true."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from django_ory.conf import KEYS

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class Generated(SphinxDirective):
    """A directive whose content is Markdown made by ``markdown()``."""

    def markdown(self) -> list[str]:
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        container = nodes.container()
        self.state.nested_parse(StringList(self.markdown(), source=__file__), self.content_offset, container)
        return container.children


class Settings(Generated):
    """Every key of ``ORY["default"]``, from the fields of ``OrySettings``."""

    def markdown(self) -> list[str]:
        lines = []
        for key, field in KEYS.items():
            lines += [f"`{key}`", f": {_default(field)}. {field.metadata['help']}", ""]
        return lines


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default is not dataclasses.MISSING:
        value = field.default
    else:
        assert field.default_factory is not dataclasses.MISSING
        value = field.default_factory()
    return "Not set" if value in ("", [], {}) else f"Default `{value!r}`"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("ory-settings", Settings)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
