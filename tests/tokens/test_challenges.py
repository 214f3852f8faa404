from __future__ import annotations

from django_ory.tokens.challenges import build_challenge


def test_challenge_without_details_is_the_scheme() -> None:
    assert build_challenge() == "Bearer"


def test_parameters_are_quoted() -> None:
    challenge = build_challenge(error="insufficient_scope", scope=["a", "b"], resource_metadata="https://x/y")
    assert challenge == 'Bearer error="insufficient_scope", scope="a b", resource_metadata="https://x/y"'


def test_step_up_names_level_and_age() -> None:
    challenge = build_challenge(error="insufficient_user_authentication", acr_values=["aal2"], max_age=0)
    assert challenge == 'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="0"'


def test_characters_that_would_end_the_value_or_the_header_are_removed() -> None:
    assert build_challenge(description='a"b\\c\r\nd\x00é') == 'Bearer error_description="abcd"'
