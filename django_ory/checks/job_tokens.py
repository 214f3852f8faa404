"""Rules about the keys with which this site signs for jobs."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from django_ory.conf import OryConfigurationError, OrySettings

from .rules import Finding, project_rule, setting_finding
from .settings import EXAMPLES

#: Permissions of a file for other users of the machine.
OTHERS = 0o007


@project_rule("E073", "`JOB_TOKEN_KEYS` needs PyJWT, which is not installed.")
def job_keys_without_library(project: OrySettings) -> Iterator[Finding]:
    if project.job_token_keys and find_spec("jwt") is None:
        yield Finding(
            "PyJWT is not installed: jobs get no tokens for users.",
            'python -m pip install "django-ory[jwt]"',
        )


@project_rule("E074", "An entry of `JOB_TOKEN_KEYS` is not a private key that Hydra accepts.")
def unusable_job_keys(project: OrySettings) -> Iterator[Finding]:
    if not project.job_token_keys or find_spec("jwt") is None:
        return
    from django_ory.provider.job_tokens.keys import load_signing_key

    for text in project.job_token_keys:
        try:
            load_signing_key(str(text), alias=project.alias)
        except OryConfigurationError as error:
            yield Finding(
                str(error), "openssl ecparam -name prime256v1 -genkey -noout -out /etc/site/job-token.pem"
            )


@project_rule("E075", "`JOB_TOKEN_KEYS` is set, `HYDRA_PUBLIC_URL` or `HYDRA_ADMIN_URL` is not.")
def job_keys_without_hydra(project: OrySettings) -> Iterator[Finding]:
    for key in ("HYDRA_PUBLIC_URL", "HYDRA_ADMIN_URL"):
        if project.job_token_keys and not getattr(project, key.lower()):
            yield setting_finding(project, key, "is not set: jobs get no tokens for users.", EXAMPLES[key])


@project_rule("W171", "A file of `JOB_TOKEN_KEYS` is readable by all users of the machine.", deploy=True)
def open_job_keys(project: OrySettings) -> Iterator[Finding]:
    for text in project.job_token_keys:
        if "-----BEGIN" in str(text):
            continue
        try:
            mode = Path(str(text)).stat().st_mode
        except (OSError, ValueError):
            continue  # E074 reports it
        if mode & OTHERS:
            yield Finding(
                f"{text}, a private key of JOB_TOKEN_KEYS, is open to all users of this machine.",
                f"chmod o-rwx {text}",
            )
