"""Directives that print reference tables from the code, so that no page can say what is no longer true."""

from __future__ import annotations

import dataclasses
import inspect
import re
from abc import abstractmethod
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

import django_ory
from django_ory.adapter import OryAdapter
from django_ory.checks import RULES
from django_ory.conf import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx


ELEMENTS = Path(django_ory.__file__).parent / "templates" / "ory" / "elements"


class Generated(SphinxDirective):
    """A directive whose content is Markdown made by ``markdown()``."""

    @abstractmethod
    def markdown(self) -> list[str]:
        """The lines."""

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


class Adapter(Generated):
    """Every method of ``OryAdapter`` that a project may override, from its signature and docstring."""

    def markdown(self) -> list[str]:
        lines = []
        for name, method in inspect.getmembers(OryAdapter, inspect.isfunction):
            if not name.startswith("_"):
                lines += [f"`{name}{_signature(method)}`", f": {_paragraphs(method)}", ""]
        return lines


class Services(Generated):
    """Every public function of the modules that are named, from its signature and docstring."""

    required_arguments = 1
    final_argument_whitespace = True

    def markdown(self) -> list[str]:
        lines = []
        for name in self.arguments[0].split():
            module = import_module(name)
            functions = [getattr(module, public) for public in module.__all__]
            for function in filter(inspect.isfunction, functions):
                title = f"`{name}.{function.__name__}{_signature(function)}`"
                lines += [title, f": {_paragraphs(function)}", ""]
        return lines


class Elements(Generated):
    """Every element template with its context, from the comment at its top."""

    def markdown(self) -> list[str]:
        lines = []
        for path in sorted(ELEMENTS.glob("*.html")):
            found = re.match(r"{% comment %}(.*?){% endcomment %}", path.read_text(), re.DOTALL)
            assert found, path
            lines += [f"`{path.name}`", f": {' '.join(found[1].split())}", ""]
        return lines


class Checks(Generated):
    """Every system check, from the rules themselves."""

    def markdown(self) -> list[str]:
        lines = []
        for rule in sorted(RULES.values(), key=lambda rule: ("EWI".index(rule.id[0]), rule.id)):
            only = " Only with `--deploy`." if rule.deploy else ""
            lines += [f"`django_ory.{rule.id}`", f": {rule.summary.replace('``', '`')}{only}", ""]
        return lines


def _signature(method: Callable[..., Any]) -> str:
    """The signature as somebody who overrides the method writes it."""
    text = str(inspect.signature(method)).replace("'", "")
    return text.replace("(self, ", "(").replace("(self)", "()").replace("_StrOrPromise", "str")


def _paragraphs(documented: object) -> str:
    """A docstring as the indented Markdown of a definition."""
    text = (inspect.getdoc(documented) or "").replace("``", "`")
    text = re.sub(r"^(Args|Returns|Raises):\n", r"\1:\n\n", text, flags=re.MULTILINE)
    text = re.sub(r"^    (\w+): ", r"- `\1`: ", text, flags=re.MULTILINE)
    return text.replace("\n", "\n  ")


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
    app.add_directive("ory-adapter", Adapter)
    app.add_directive("ory-checks", Checks)
    app.add_directive("ory-elements", Elements)
    app.add_directive("ory-services", Services)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
