"""The Sphinx extension: a directive for each group of the reference, such as ``{ory-settings} Servers``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from . import (
    checks,
    client_operations,
    commands,
    exceptions,
    functions,
    logs,
    messages,
    permissions,
    settings,
    signals,
    templates,
    urls,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx

#: Directive -> function that makes the Markdown, from the argument of the directive if there is one.
DIRECTIVES: dict[str, Callable[..., list[str]]] = {
    "ory-adapter": functions.adapter_lines,
    "ory-audit-events": logs.event_lines,
    "ory-check-list": checks.lines,
    "ory-commands": commands.lines,
    "ory-elements": templates.element_lines,
    "ory-error-pages": messages.error_page_lines,
    "ory-exceptions": exceptions.lines,
    "ory-log": logs.lines,
    "ory-messages": messages.lines,
    "ory-operations": client_operations.lines,
    "ory-page-templates": templates.page_lines,
    "ory-permissions": permissions.lines,
    "ory-services": functions.service_lines,
    "ory-settings": settings.lines,
    "ory-signals": signals.lines,
    "ory-template-tags": templates.tag_lines,
    "ory-urls": urls.lines,
}


class Generated(SphinxDirective):
    """A directive with the Markdown of ``make_lines`` as content."""

    make_lines: ClassVar[Callable[..., list[str]]]
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Any]] = {"class": directives.class_option}

    def run(self) -> list[nodes.Node]:
        container = nodes.container()
        lines = type(self).make_lines(*self.arguments)
        self.state.nested_parse(StringList(lines, source=__file__), self.content_offset, container)
        return container.children


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    for name, make_lines in DIRECTIVES.items():
        app.add_directive(name, type(name, (Generated,), {"make_lines": staticmethod(make_lines)}))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
