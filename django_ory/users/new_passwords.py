"""Whether a Django user is being saved with a new password. Django has no signal for that."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser


def has_new_password(user: AbstractBaseUser) -> bool:
    """Return whether a new password is being saved, for receivers of ``post_save``.

    ``AbstractBaseUser`` keeps the password of ``set_password()`` until the end of ``save()``, unless it only
    makes a new hash of the same password.
    """
    return getattr(user, "_password", None) is not None
