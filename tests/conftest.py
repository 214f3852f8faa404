"""The start of each test: an empty cache, and a process without failures of Kratos.

Two costs are paid once instead of in each test: reading the URLconf, and garbage collection of what was
imported and collected. The contexts of widgets are not recorded. The translations are compiled, because a
checkout has no ``.mo`` files.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING
from unittest import TestCase

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.signals import setting_changed
from django.template import Template
from django.test.signals import root_urlconf_changed, template_rendered
from django.urls import set_urlconf

from django_ory.authentication.resolver import clear_process_state
from hatch_build import LOCALE, compile_catalogs
from tests.probes import probes
from tests.worker_reports import send_fewer_reports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.template import Context

__all__ = ["probes"]


def pytest_configure(config: pytest.Config) -> None:
    """Compile the translations once, before the workers of pytest-xdist start.

    The workers send fewer messages, except for a report of all durations.
    """
    if not hasattr(config, "workerinput"):
        compile_catalogs(LOCALE)
    elif config.getoption("durations") is None and config.getoption("xmlpath") is None:
        send_fewer_reports(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out fixtures of pytest-django that the test has no use for. They cost more than a short test.

    ``_django_clear_site_cache`` is for ``django.contrib.sites``, which is not installed.
    """
    for item in items:
        if isinstance(item, pytest.Function):
            unused = {"_django_clear_site_cache"}
            if not item.get_closest_marker("django_db"):
                unused.add("_django_db_marker")
            if not item.get_closest_marker("urls"):
                unused.add("_django_set_urlconf")
            if item.cls is None or not issubclass(item.cls, TestCase):
                unused.add("_django_setup_unittest")
            if "live_server" not in item.fixturenames:
                unused.add("_live_server_helper")
            if not item.get_closest_marker("django_isolate_apps"):
                unused.add("_django_isolate_apps")
            if not item.get_closest_marker("ignore_template_errors"):
                unused.add("_template_string_if_invalid_marker")
            item.fixturenames[:] = [name for name in item.fixturenames if name not in unused]


gc.disable()  # during the collection, which keeps nearly all that it creates


def pytest_collection_finish() -> None:
    """Exclude the modules and the collected tests from garbage collection: they live until the end."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def _clean_process() -> Iterator[None]:
    clear_process_state()
    cache.clear()
    yield
    clear_process_state()


def use_root_urlconf(*, setting: str, **_signal_arguments: object) -> None:
    """Use the changed ROOT_URLCONF. Replaces Django's receiver, which clears the URL caches.

    The caches have an entry for each URLconf, so a change of the name is enough. Reading the URLs of the
    admin again takes longer than most tests.
    """
    if setting == "ROOT_URLCONF":
        set_urlconf(None)


setting_changed.disconnect(root_urlconf_changed)
setting_changed.connect(use_root_urlconf)


@pytest.fixture(autouse=True)
def _django_set_urlconf(request: pytest.FixtureRequest) -> Iterator[None]:
    """Apply ``pytest.mark.urls``. Replaces the fixture of pytest-django, which clears the URL caches, too."""
    marker = request.node.get_closest_marker("urls")
    if marker is None:
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(django_settings, "ROOT_URLCONF", marker.args[0])
        yield


@pytest.fixture(autouse=True, scope="session")
def _record_pages_only(django_test_environment: None) -> Iterator[None]:
    """Record the template and the context of each page, for ``response.templates`` and ``response.context``.

    Django's test client also copies the context of each widget and of each included or extended template.
    A form of the admin has 370 of them, which took a fifth of its time. No test reads them.
    """

    def render(template: Template, context: Context) -> str:
        if context.template is template and not (template.name or "").startswith("django/forms/"):
            template_rendered.send(sender=template, template=template, context=context)
        return template.nodelist.render(context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", render)
        yield
