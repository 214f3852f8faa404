"""One scenario for each operation on Kratos' self-service flows that ends in its success."""

from __future__ import annotations

import re

from django_ory.client import models

from .world import PASSWORD, Browser, World, get_csrf_token, proves


def get_mailed_code(world: World, subject: str) -> str:
    """Return the code of the newest mail to the person of this test."""
    mail = world.stack.wait_for_mail(world.email(), subject)
    found = re.search(r"\b\d{6}\b", mail.text)
    assert found
    return found[0]


@proves("initialize_self_service_login_flow_for_browsers", "get_self_service_login_flow")
def starts_and_fetches_a_login_in_a_browser(world: World) -> None:
    browser = Browser()
    info = world.client.with_http_info.initialize_self_service_login_flow_for_browsers(
        refresh=False, return_to=f"{world.stack.site_url}/hello/"
    )
    flow = browser.take(info)
    assert any(name.startswith("csrf_token_") for name in browser.cookies)
    fetched = world.client.get_self_service_login_flow(id=flow.id, cookie=browser.cookie)
    assert fetched.ui.action == f"{world.stack.kratos_public_url}/self-service/login?flow={flow.id}"
    assert fetched.return_to == f"{world.stack.site_url}/hello/"


@proves("initialize_self_service_login_flow_without_browser", "submit_self_service_login_flow")
def signs_in_in_an_app(world: World) -> None:
    made = world.person()
    flow = world.client.initialize_self_service_login_flow_without_browser(refresh=False)
    login = world.client.submit_self_service_login_flow(
        flow=flow.id, body={"method": "password", "identifier": world.email(), "password": PASSWORD}
    )
    assert login.session.identity is not None
    assert login.session.identity.id == made.id
    assert login.session_token
    assert login.session_token not in repr(login)


@proves("initialize_self_service_registration_flow_for_browsers", "get_self_service_registration_flow")
def starts_and_fetches_a_registration_in_a_browser(world: World) -> None:
    browser = Browser()
    flow = browser.take(
        world.client.with_http_info.initialize_self_service_registration_flow_for_browsers(
            return_to=f"{world.stack.site_url}/hello/"
        )
    )
    fetched = world.client.get_self_service_registration_flow(id=flow.id, cookie=browser.cookie)
    assert fetched.id == flow.id
    assert any(isinstance(node.attributes, models.UiNodeInputAttributes) for node in fetched.ui.nodes)


@proves("initialize_self_service_registration_flow_without_browser", "submit_self_service_registration_flow")
def registers_in_an_app(world: World) -> None:
    flow = world.client.initialize_self_service_registration_flow_without_browser()
    made = world.client.submit_self_service_registration_flow(
        flow=flow.id, body={"method": "password", "traits": {"email": world.email()}, "password": PASSWORD}
    )
    assert made.identity is not None
    assert made.identity.traits["email"] == world.email()
    assert made.session_token


@proves("initialize_self_service_recovery_flow_for_browsers", "get_self_service_recovery_flow")
def starts_and_fetches_a_recovery_in_a_browser(world: World) -> None:
    browser = Browser()
    flow = browser.take(
        world.client.with_http_info.initialize_self_service_recovery_flow_for_browsers(
            return_to=f"{world.stack.site_url}/hello/"
        )
    )
    assert world.client.get_self_service_recovery_flow(id=flow.id, cookie=browser.cookie).id == flow.id


@proves("initialize_self_service_recovery_flow_without_browser", "submit_self_service_recovery_flow")
def recovers_in_an_app(world: World) -> None:
    world.person()
    flow = world.client.initialize_self_service_recovery_flow_without_browser()
    sent = world.client.submit_self_service_recovery_flow(
        flow=flow.id, body={"method": "code", "email": world.email()}
    )
    assert sent.state == "sent_email"


@proves("initialize_self_service_verification_flow_for_browsers", "get_self_service_verification_flow")
def starts_and_fetches_a_verification_in_a_browser(world: World) -> None:
    browser = Browser()
    flow = browser.take(
        world.client.with_http_info.initialize_self_service_verification_flow_for_browsers(
            return_to=f"{world.stack.site_url}/hello/"
        )
    )
    assert world.client.get_self_service_verification_flow(id=flow.id, cookie=browser.cookie).id == flow.id


@proves("initialize_self_service_verification_flow_without_browser", "submit_self_service_verification_flow")
def verifies_an_address_in_an_app(world: World) -> None:
    made = world.person()
    flow = world.client.initialize_self_service_verification_flow_without_browser()
    sent = world.client.submit_self_service_verification_flow(
        flow=flow.id, body={"method": "code", "email": world.email()}
    )
    assert sent.state == "sent_email"
    done = world.client.submit_self_service_verification_flow(
        flow=flow.id, body={"method": "code", "code": get_mailed_code(world, "verify")}
    )
    assert done.state == "passed_challenge"
    assert world.client.admin_get_identity(made.id).verifiable_addresses[0].verified


@proves("initialize_self_service_settings_flow_for_browsers")
def starts_settings_in_a_browser(world: World) -> None:
    world.person()
    browser = world.browser()
    flow = browser.take(
        world.client.with_http_info.initialize_self_service_settings_flow_for_browsers(
            return_to=f"{world.stack.site_url}/hello/", cookie=browser.cookie
        )
    )
    assert get_csrf_token(flow)


@proves("initialize_self_service_settings_flow_without_browser", "get_self_service_settings_flow")
def starts_and_fetches_settings_in_an_app(world: World) -> None:
    made = world.person()
    token = world.token()
    flow = world.client.initialize_self_service_settings_flow_without_browser(x_session_token=token)
    fetched = world.client.get_self_service_settings_flow(id=flow.id, x_session_token=token)
    assert fetched.identity is not None
    assert fetched.identity.id == made.id


@proves("submit_self_service_settings_flow")
def changes_a_trait_in_an_app(world: World) -> None:
    world.person()
    token = world.token()
    flow = world.client.initialize_self_service_settings_flow_without_browser(x_session_token=token)
    done = world.client.submit_self_service_settings_flow(
        flow=flow.id,
        x_session_token=token,
        body={"method": "profile", "traits": {"email": world.email(), "name": {"first": "Eva"}}},
    )
    assert done.state == "success"
    assert done.identity is not None
    assert done.identity.traits["name"] == {"first": "Eva"}
