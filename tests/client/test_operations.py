"""The list of operations: complete, without additions, and with the source of each operation."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from django_ory.client import OryClient, error_responses
from django_ory.client.operations import Paging

from .spec import MODERN, SEED

EVERY = [*SEED, *MODERN]
METHODS: dict[str, Any] = {
    name: value
    for name, value in inspect.getmembers(OryClient)
    if hasattr(value, "paging") and not name.startswith("_")
}


def test_specification_has_96_and_77_operations() -> None:
    assert (len(SEED), len(MODERN)) == (96, 77)


def test_client_has_every_operation_under_both_names_and_no_other() -> None:
    names = {operation.name for operation in EVERY}
    aliases = {operation.alias for operation in SEED if operation.alias}
    assert len(names) == 173
    assert set(METHODS) == names | aliases


def test_current_names_are_unique() -> None:
    aliases = [operation.alias for operation in SEED if operation.alias != operation.name]
    assert len(aliases) == len(set(aliases))
    assert not set(aliases) & {operation.name for operation in EVERY}


def test_docstring_names_the_source(subtests: pytest.Subtests) -> None:
    for operation in EVERY:
        with subtests.test(operation=operation.name):
            text = " ".join((inspect.getdoc(METHODS[operation.name]) or "").split())
            source = re.search(r"Source: ([^,]+), ([A-Z]+) (/\S+?)(?:; first in (.+?))?\.(?: |$)", text)
            assert source is not None
            assert (source[2], source[3]) == (operation.method, operation.path)
            assert set(re.findall(r"v[\d.]+\d", operation.since)) == set(
                re.findall(r"v[\d.]+\d", source[4] or "")
            )


def test_only_ory_network_has_no_first_version(subtests: pytest.Subtests) -> None:
    for operation in EVERY:
        with subtests.test(operation=operation.name):
            assert ("Ory Network" in operation.since) == (re.search(r"v[\d.]+\d", operation.since) is None)
            assert (operation.service.startswith("keto_")) == operation.since.startswith("keto v")


def test_docstring_names_the_errors_of_the_specification(subtests: pytest.Subtests) -> None:
    for operation in EVERY:
        with subtests.test(operation=operation.name):
            text = inspect.getdoc(METHODS[operation.name]) or ""
            for status in operation.responses:
                kind = error_responses.ERRORS_BY_STATUS.get(int(status)) if status.startswith("4") else None
                if kind is not None:
                    names = {each.__name__ for each in (kind, *kind.__subclasses__())}
                    assert names & set(re.findall(r"\w+", text)), status


def test_path_parameters_are_positional_in_path_order_and_the_others_are_not(
    subtests: pytest.Subtests,
) -> None:
    for operation in EVERY:
        with subtests.test(operation=operation.name):
            parameters = list(inspect.signature(METHODS[operation.name]).parameters.values())[1:]
            positional = [
                parameter for parameter in parameters if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
            ]
            assert [parameter.name for parameter in positional] == [
                path.name for path in operation.named("path")
            ]
            assert all(p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) for p in parameters)


def test_listings_can_be_iterated(subtests: pytest.Subtests) -> None:
    for operation in EVERY:
        with subtests.test(operation=operation.name):
            paging = METHODS[operation.name].paging
            pages = any(parameter.name == "page_token" for parameter in operation.parameters)
            assert (paging is not None) == (operation.returns_list or pages)
            assert (paging is Paging.SINGLE) == (operation.returns_list and not pages)
