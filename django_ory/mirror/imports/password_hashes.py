"""Password hashes: from Django's format to the one that Kratos imports, and back.

Kratos accepts hashes with a wrong encoding, and rejects the password later, at the sign-in. So every part is
checked here. The limits are those of newer versions of Kratos; Django's defaults are far below them.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping

from django.contrib.auth.hashers import get_hashers_by_algorithm

__all__ = ["UnsupportedHash", "convert_to_django", "convert_to_kratos"]

MAX_PBKDF2_ITERATIONS = 10_000_000
MAX_SCRYPT = {"N": 2**17, "r": 8, "p": 10}
MAX_ARGON2 = {"m": 2**20, "t": 10, "p": 16}  # memory in KiB
MAX_BCRYPT_COST = 15

SALT_FIRST = base64.b64encode(b"{SALT}{PASSWORD}").decode()
PASSWORD_ONLY = base64.b64encode(b"{PASSWORD}").decode()

BCRYPT = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}")
ARGON2 = re.compile(r"\$argon2(?:id|i)\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+")
SCRYPT = re.compile(r"\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([^$]+)\$([^$]+)")
DJANGOS_HASHERS = "django.contrib.auth.hashers"


class UnsupportedHash(ValueError):
    """A hash that the other side cannot check. The text is the reason, without any part of the hash."""


def convert_to_kratos(encoded: str) -> str:
    """Return the value of ``hashed_password`` for a password hash of Django.

    Raises UnsupportedHash if Kratos cannot check the password, as with ``bcrypt_sha256``, with a hasher of
    the site's own, or above the limits of Kratos.
    """
    algorithm, _, rest = encoded.partition("$")
    if not rest:
        algorithm, rest = "unsalted_md5", encoded
    convert = TO_KRATOS.get(algorithm)
    if convert is None:
        raise UnsupportedHash("Kratos has no such algorithm")
    if not _is_standard(algorithm):
        raise UnsupportedHash("the site's own hasher has the name of a standard algorithm")
    return _convert(convert, rest)


def convert_to_django(hashed: str) -> str:
    """Return the value of ``user.password`` for a ``hashed_password`` of Kratos.

    Raises UnsupportedHash if no hasher of Django can check the password.
    """
    for prefix, convert in TO_DJANGO.items():
        if hashed.startswith(prefix):
            return _convert(convert, hashed)
    raise UnsupportedHash("Django has no such algorithm")


def _convert(convert: Callable[[str], str], text: str) -> str:
    try:
        return convert(text)
    except UnsupportedHash:
        raise
    except ValueError:
        raise UnsupportedHash("the hash is malformed") from None


def _is_standard(algorithm: str) -> bool:
    """Whether the configured hasher computes hashes as Django does. Subclasses may add a pepper.

    Without a configured hasher, the hash is from an earlier time of the site, and standard.
    """
    hasher = get_hashers_by_algorithm().get(algorithm)
    methods = (getattr(type(hasher), name, None) for name in ("encode", "verify")) if hasher else ()
    return all(getattr(method, "__module__", "") == DJANGOS_HASHERS for method in methods)


def _match(pattern: re.Pattern[str], text: str, reason: str = "the hash is malformed") -> re.Match[str]:
    found = pattern.fullmatch(text)
    if found is None:
        raise UnsupportedHash(reason)
    return found


def _require_limits(values: Mapping[str, int], limits: Mapping[str, int]) -> None:
    for name, value in values.items():
        if not 0 < value <= limits[name]:
            raise UnsupportedHash(f"its cost {name} is outside of the limits of Kratos")


def _encode(value: bytes, *, padded: bool = True) -> str:
    text = base64.b64encode(value).decode()
    return text if padded else text.rstrip("=")


def _decode(text: str, *, length: int) -> bytes:
    return _check_length(_decode_base64(text), length)


def _decode_base64(text: str) -> bytes:
    """The bytes of base64 with or without padding. Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def _check_length(digest: bytes, length: int) -> bytes:
    if len(digest) != length:
        raise UnsupportedHash("the hash has another length than those of Django")
    return digest


def _decode_salt(text: str) -> str:
    """The salt as Django has it: text without a dollar sign."""
    salt = _decode_base64(text).decode()
    if not salt or "$" in salt:
        raise UnsupportedHash("its salt is none that Django can store")
    return salt


# Django to Kratos


def _pbkdf2_to_kratos(digest: str, length: int) -> Callable[[str], str]:
    def convert(rest: str) -> str:
        iterations, salt, value = rest.split("$")
        _require_limits({"iterations": int(iterations)}, {"iterations": MAX_PBKDF2_ITERATIONS})
        parts = (_encode(salt.encode(), padded=False), _encode(_decode(value, length=length), padded=False))
        return f"$pbkdf2-{digest}$i={int(iterations)},l={length}${parts[0]}${parts[1]}"

    return convert


def _argon2_to_kratos(rest: str) -> str:
    encoded = f"${rest}"
    found = _match(ARGON2, encoded, "Kratos accepts argon2id and argon2i of version 19 only")
    _require_limits(dict(zip(MAX_ARGON2, map(int, found.groups()), strict=True)), MAX_ARGON2)
    return encoded


def _bcrypt_to_kratos(rest: str) -> str:
    found = _match(BCRYPT, rest)
    _require_limits({"rounds": int(found[1])}, {"rounds": MAX_BCRYPT_COST})
    return rest


def _scrypt_to_kratos(rest: str) -> str:
    n, salt, r, p, value = rest.split("$")
    _require_limits({"N": int(n), "r": int(r), "p": int(p)}, MAX_SCRYPT)
    parts = (_encode(salt.encode()), _encode(_decode(value, length=64)))
    return f"$scrypt$ln={int(n)},r={int(r)},p={int(p)}${parts[0]}${parts[1]}"


def _digest_to_kratos(name: str, length: int) -> Callable[[str], str]:
    def convert(rest: str) -> str:
        salt, value = rest.split("$")
        digest = _check_length(bytes.fromhex(value), length)
        order = SALT_FIRST if salt else PASSWORD_ONLY
        return f"${name}$pf={order}${_encode(salt.encode())}${_encode(digest)}"

    return convert


def _unsalted_md5_to_kratos(rest: str) -> str:
    return f"$md5${_encode(_check_length(bytes.fromhex(rest), 16))}"


#: By Django's name of the algorithm. The functions get the rest of the hash.
TO_KRATOS: Mapping[str, Callable[[str], str]] = {
    "pbkdf2_sha256": _pbkdf2_to_kratos("sha256", 32),
    "pbkdf2_sha1": _pbkdf2_to_kratos("sha1", 20),
    "argon2": _argon2_to_kratos,
    "bcrypt": _bcrypt_to_kratos,
    "scrypt": _scrypt_to_kratos,
    "md5": _digest_to_kratos("md5", 16),
    "sha1": _digest_to_kratos("sha1", 20),
    "unsalted_md5": _unsalted_md5_to_kratos,
}


# Kratos to Django


def _pbkdf2_to_django(digest: str, length: int) -> Callable[[str], str]:
    form = re.compile(rf"\$pbkdf2-{digest}\$i=(\d+),l={length}\$([^$]+)\$([^$]+)")

    def convert(hashed: str) -> str:
        found = _match(form, hashed)
        value = _encode(_decode(found[3], length=length))
        return f"pbkdf2_{digest}${found[1]}${_decode_salt(found[2])}${value}"

    return convert


def _scrypt_to_django(hashed: str) -> str:
    n, r, p, salt, value = _match(SCRYPT, hashed).groups()
    return f"scrypt${n}${_decode_salt(salt)}${r}${p}${_encode(_decode(value, length=64))}"


def _argon2_to_django(hashed: str) -> str:
    return f"argon2{_match(ARGON2, hashed)[0]}"


def _bcrypt_to_django(hashed: str) -> str:
    return f"bcrypt${_match(BCRYPT, hashed)[0]}"


def _md5_to_django(hashed: str) -> str:
    _name, order, salt, value = hashed[1:].split("$")
    if order != f"pf={SALT_FIRST}":
        raise UnsupportedHash("Django does not join salt and password in this order")
    return f"md5${_decode_salt(salt)}${_decode(value, length=16).hex()}"


#: By the beginning of the hash. The functions get the whole hash.
TO_DJANGO: Mapping[str, Callable[[str], str]] = {
    "$2": _bcrypt_to_django,
    "$argon2": _argon2_to_django,
    "$pbkdf2-sha256$": _pbkdf2_to_django("sha256", 32),
    "$pbkdf2-sha1$": _pbkdf2_to_django("sha1", 20),
    "$scrypt$": _scrypt_to_django,
    "$md5$": _md5_to_django,
}
