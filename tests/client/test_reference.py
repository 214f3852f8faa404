"""The reference page of the documentation has a section for each area of the client."""

from __future__ import annotations

import re
from pathlib import Path

from django_ory.client import OryClient

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "client.md"


def test_every_mixin_is_on_the_page_once() -> None:
    listed = re.findall(r"\{ory-operations\} (\w+)", PAGE.read_text())
    mixins = [
        kind.__name__
        for kind in OryClient.__mro__
        if any(hasattr(value, "paging") for value in vars(kind).values())
    ]
    assert sorted(listed) == sorted(mixins)
