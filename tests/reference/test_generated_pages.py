"""The pages made from the code are complete: nothing public is without its documentation."""

from __future__ import annotations

import inspect
import logging
import re
from importlib import import_module
from pathlib import Path

import pytest
from django.urls import get_resolver
from ory_reference import (
    check_faults,
    checks,
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

from django_ory.adapter import OryAdapter
from django_ory.checks import RULES
from django_ory.conf import KEYS
from django_ory.selfservice.texts.messages import TEXTS
from django_ory.setting_fields import TOPICS
from django_ory.signals import __all__ as all_signals

DOCS = Path(__file__).resolve().parents[2] / "docs"
USED = {
    (name, argument.strip())
    for path in DOCS.rglob("*.md")
    for name, argument in re.findall(r"^```\{(ory-[\w-]+)\}(.*)$", path.read_text(), re.MULTILINE)
}
URLCONFS = [argument for name, argument in USED if name == "ory-urls"]


def read_public_modules() -> list[str]:
    """Return the modules of the page of public names."""
    page = (DOCS / "reference/public-names.md").read_text()
    return re.findall(r"^\| `([\w.]+)` \|", page, re.MULTILINE)


def test_every_directive_is_on_a_page() -> None:
    source = (DOCS / "_ext/ory_reference/directives.py").read_text()
    assert set(re.findall(r'"(ory-[\w-]+)":', source)) == {name for name, _ in USED}


def test_extension_is_not_imported_by_the_package() -> None:
    sources = (DOCS.parent / "django_ory").rglob("*.py")
    assert not any("ory_reference" in path.read_text() for path in sources)


def test_every_topic_of_the_settings_is_on_the_page() -> None:
    page = (DOCS / "settings.md").read_text()
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == list(TOPICS)
    assert {argument for name, argument in USED if name == "ory-settings"} == set(TOPICS)


def test_every_setting_has_text_type_default_and_example() -> None:
    page = "\n".join(line for topic in TOPICS for line in settings.lines(topic))
    entry = r"^`(\w+)`\n: .{10,}\n\n  Type: .+\. Default: .+\. Example: `.+`$"
    assert re.findall(entry, page, re.MULTILINE) == list(KEYS)


@pytest.mark.parametrize("name", commands.list_commands())
def test_every_option_of_a_command_is_described(name: str) -> None:
    undocumented = [action.dest for action in commands.list_actions(name) if not action.help]
    assert undocumented == []
    assert commands.get_parser(name).description


def test_commands_of_the_package_are_listed() -> None:
    folder = DOCS.parent / "django_ory/management/commands"
    assert commands.list_commands() == sorted(path.stem for path in folder.glob("ory_*.py"))


@pytest.mark.parametrize("rule_id", sorted(RULES))
def test_every_check_has_a_message_and_a_remedy(rule_id: str) -> None:
    message = check_faults.find_message(rule_id)
    assert message.id == f"django_ory.{rule_id}"
    assert message.msg
    assert message.hint
    assert str(DOCS.parent) not in f"{message.msg} {message.hint}"


def test_checks_of_every_level_are_on_the_page() -> None:
    levels = [argument for name, argument in USED if name == "ory-check-list"]
    page = "\n".join(line for level in levels for line in checks.lines(level))
    listed = re.findall(r"^`django_ory\.(\w+)`$", page, re.MULTILINE)
    assert sorted(listed) == sorted(RULES) == sorted(check_faults.FAULTS)


def test_fault_of_another_check_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(check_faults.FAULTS, "E003", check_faults.Fault())
    with pytest.raises(LookupError, match="E003"):
        check_faults.find_message("E003")


def test_every_signal_has_its_arguments() -> None:
    assert sorted(signals.read_texts()) == sorted(all_signals)


def test_every_method_of_the_adapter_has_a_docstring() -> None:
    methods = [
        method
        for name, method in inspect.getmembers(OryAdapter, inspect.isfunction)
        if not name.startswith("_")
    ]
    assert [method.__name__ for method in methods if len(inspect.getdoc(method) or "") < 20] == []
    assert len([line for line in functions.adapter_lines() if line.startswith("`")]) == len(methods)


@pytest.mark.parametrize("argument", sorted(argument for name, argument in USED if name == "ory-services"))
def test_every_function_of_a_service_has_a_docstring(argument: str) -> None:
    lines = functions.service_lines(argument)
    texts = [lines[index + 1] for index, line in enumerate(lines) if line.startswith("`django_ory.")]
    assert texts
    assert [text for text in texts if len(text) < 20] == []


@pytest.mark.parametrize("name", templates.list_tags())
def test_every_template_tag_has_a_docstring(name: str) -> None:
    assert len(inspect.getdoc(templates.list_tags()[name]) or "") > 20


def test_every_page_and_element_describes_its_context() -> None:
    paths = [*templates.list_pages(), *(templates.TEMPLATES / "elements").glob("*.html")]
    undocumented = {path.name for path in paths if not templates.read_comment(path)}
    # These extend flow.html and have its context.
    assert undocumented == {"login.html", "recovery.html", "registration.html", "verification.html"}


def test_exceptions_of_every_public_module_are_on_the_page() -> None:
    listed = {kind for module in exceptions.MODULES for kind in exceptions.list_exceptions(module)}
    modules = filter(has_names, read_public_modules())
    public = {kind for module in modules for kind in exceptions.list_exceptions(module)}
    assert public - listed == set()
    assert {argument for name, argument in USED if name == "ory-exceptions"} == set(exceptions.MODULES)


def has_names(module: str) -> bool:
    """Whether a public module lists its names. Celery is not installed here."""
    return module != "django_ory.tasks" and hasattr(import_module(module), "__all__")


@pytest.mark.parametrize("module", exceptions.MODULES)
def test_every_exception_says_when_it_is_raised(module: str) -> None:
    for kind in exceptions.list_exceptions(module):
        assert kind.__doc__ != kind.__bases__[0].__doc__, kind
        assert kind.__doc__, kind


def test_every_message_has_a_text_without_format_codes() -> None:
    texts = messages.list_texts()
    assert texts.keys() >= TEXTS.keys()
    assert [number for number, text in texts.items() if "%(" in text or not text] == []
    assert texts[1010002] == "Sign in with {provider}"
    assert texts[4000003] == "Use at least {min_length} characters."
    assert len(messages.error_page_lines("kratos")) > 20
    assert len(messages.error_page_lines("hydra")) > 20


@pytest.mark.parametrize("module", sorted(URLCONFS))
def test_every_url_has_a_name_and_a_docstring(module: str) -> None:
    found = urls.list_urls(module)
    assert found
    assert [each.name for each in found if "None" in each.name or len(each.view.__doc__ or "") < 10] == []


def test_every_name_of_the_namespace_is_listed() -> None:
    _prefix, resolver = get_resolver().namespace_dict["ory"]
    names = {key for key in resolver.reverse_dict if isinstance(key, str)}
    assert {each.name for each in urls.list_urls("django_ory.urls")} == {f"ory:{name}" for name in names}


def test_every_logger_of_the_package_is_described() -> None:
    assert logs.read_messages().keys() == logs.LOGGERS.keys()
    assert sum(map(len, logs.read_messages().values())) > 60


def test_message_of_the_log_is_listed_with_its_level() -> None:
    text = "Trait %s ignored: invalid value for field %s."
    assert (logging.getLevelName(logging.WARNING), text) in logs.read_messages()["django_ory"]


def test_every_permission_of_the_admin_is_described() -> None:
    pages = ("admin", "live-pages", "invitations")
    guides = " ".join((DOCS / f"guides/{name}.md").read_text() for name in pages)
    listed = permissions.list_permissions()
    own = {name for name in listed if not re.match(r"django_ory\.(add|change|delete|view)_[a-z0-9]+$", name)}
    assert own >= {"django_ory.sync_identity", "django_ory.revoke_job"}
    assert sorted(name for name in own if name.removeprefix("django_ory.") not in guides) == []
