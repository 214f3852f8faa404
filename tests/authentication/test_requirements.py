"""The requirements of views, and the decisions for each state."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from django_ory.adapter import get_adapter
from django_ory.authentication.requirements import AccessDecision, Requirement, evaluate
from django_ory.authentication.results import ANONYMOUS, UNAVAILABLE, SessionState, WhoamiResult
from tests.support.kratos import ago, build_session, identity_json


def signed_in(**changes: Any) -> WhoamiResult:
    return WhoamiResult(state=SessionState.SIGNED_IN, session=build_session(**changes))


COLLECTED = time.time()  # the cases below are made when the tests are collected
AAL2 = signed_in(authenticator_assurance_level="aal2")
TEN = Requirement(max_age=timedelta(minutes=10))


@pytest.mark.parametrize(
    ("requirement", "answer", "verdict"),
    [
        (Requirement(), ANONYMOUS, AccessDecision.LOGIN),
        (Requirement(), UNAVAILABLE, AccessDecision.UNAVAILABLE),
        (Requirement(), WhoamiResult(state=SessionState.AAL2_REQUIRED), AccessDecision.SECOND_FACTOR),
        (Requirement(), signed_in(), AccessDecision.ALLOW),
        (Requirement(aal="aal2"), signed_in(), AccessDecision.SECOND_FACTOR),
        (
            Requirement(aal="aal2"),
            signed_in(authenticator_assurance_level=None),
            AccessDecision.SECOND_FACTOR,
        ),
        (Requirement(aal="aal2"), AAL2, AccessDecision.ALLOW),
        (Requirement(aal="aal2"), signed_in(authenticator_assurance_level="aal3"), AccessDecision.ALLOW),
        (TEN, signed_in(authenticated_at=ago(minutes=9)), AccessDecision.ALLOW),
        (TEN, signed_in(authenticated_at=ago(minutes=11)), AccessDecision.REAUTHENTICATE),
        (TEN, signed_in(authenticated_at=None), AccessDecision.REAUTHENTICATE),
        (Requirement(verified=True), signed_in(), AccessDecision.ALLOW),
        (
            Requirement(verified=True),
            signed_in(identity=identity_json(verifiable_addresses=[])),
            AccessDecision.VERIFY_ADDRESS,
        ),
        (
            Requirement(aal="aal2", max_age=timedelta(minutes=10), verified=True),
            signed_in(authenticated_at=ago(hours=1)),
            AccessDecision.SECOND_FACTOR,
        ),
    ],
)
def test_decision_is_the_first_unmet_requirement(
    requirement: Requirement, answer: WhoamiResult, verdict: AccessDecision
) -> None:
    assert evaluate(requirement, answer, now=COLLECTED, is_verified=get_adapter().is_verified) is verdict


def test_invalid_requirement_raises() -> None:
    with pytest.raises(ValueError, match="aal"):
        Requirement(aal="aal9")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="max_age"):
        Requirement(max_age=timedelta(seconds=1))
