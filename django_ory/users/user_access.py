"""The Django side of a session: the user, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

__all__ = ["NEEDS_VERIFIED_EMAIL", "NO_USER", "UserAccess"]


@dataclass(frozen=True, slots=True)
class UserAccess:
    """The Django side of a session.

    ``blocked``: there is a user, and it is not allowed to sign in. ``needs_verified_email``: there is no
    user until the e-mail address of the identity is verified.
    """

    user: AbstractBaseUser | None = None
    blocked: bool = False
    needs_verified_email: bool = False


NO_USER = UserAccess()
NEEDS_VERIFIED_EMAIL = UserAccess(needs_verified_email=True)
