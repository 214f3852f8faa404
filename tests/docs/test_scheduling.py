"""The distribution of the pages among the processes of pytest-xdist."""

from __future__ import annotations

import pytest

from tests.docs.scheduling import choose_group, get_group

CONSENT, DEVICE, HOOK = (f"docs/guides/{name}.md" for name in ("consent", "device", "token-hook"))
PROVIDER, README, TEST = "docs/guides/provider.md", "README.md", "tests/docs/test_outputs.py::test"


@pytest.mark.parametrize(
    ("waiting", "own", "others", "expected"),
    [
        ([CONSENT, README], [], [], CONSENT),
        ([CONSENT, README], [], [README], CONSENT),
        ([CONSENT, README], [], [DEVICE], README),
        ([CONSENT, TEST], [TEST], [PROVIDER], TEST),
        ([CONSENT, README], [HOOK], [DEVICE], CONSENT),
        ([TEST, README], [], [TEST], TEST),
        ([CONSENT, HOOK], [README], [DEVICE], CONSENT),
    ],
)
def test_groups_that_begin_with_the_same_page_run_in_one_process(
    waiting: list[str], own: list[str], others: list[str], expected: str
) -> None:
    assert choose_group(waiting, own=own, others=others) == expected


def test_pages_that_continue_a_long_page_or_a_branch_are_in_its_group() -> None:
    production = "docs/guides/production.md"
    assert get_group("docs/guides/docker.md") == get_group("docs/guides/edge-limits.md") == production
    assert get_group("docs/guides/single-logout.md") == "docs/guides/authlib.md"
    assert get_group(CONSENT) == CONSENT
