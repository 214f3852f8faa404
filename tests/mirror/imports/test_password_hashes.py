"""Password hashes of Django in Kratos' format and back. Each was accepted at a sign-in of a real Kratos."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from django.contrib.auth.hashers import (
    MD5PasswordHasher,
    PBKDF2PasswordHasher,
    PBKDF2SHA1PasswordHasher,
    ScryptPasswordHasher,
    check_password,
)

from django_ory.mirror.imports.password_hashes import (
    UnsupportedHash,
    convert_to_django,
    convert_to_kratos,
)

PASSWORD = "pässword 1"
SALT = "seasalt"
ARGON2 = "$v=19$m=102400,t=2,p=8$c29tZXNhbHQ$MmRlZmluaXRlbHkgMzIgYnl0ZXMgb2YgaGFzaA"
BCRYPT = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"
HASHERS = [
    f"django.contrib.auth.hashers.{name}"
    for name in (
        "PBKDF2PasswordHasher",
        "PBKDF2SHA1PasswordHasher",
        "ScryptPasswordHasher",
        "MD5PasswordHasher",
    )
]

ENCODED = {
    "pbkdf2_sha256": PBKDF2PasswordHasher().encode(PASSWORD, SALT, 1000),
    "pbkdf2_sha1": PBKDF2SHA1PasswordHasher().encode(PASSWORD, SALT, 1000),
    "scrypt": ScryptPasswordHasher().encode(PASSWORD, SALT, 16),
    "md5": MD5PasswordHasher().encode(PASSWORD, SALT),
}


@pytest.fixture(autouse=True)
def hashers(settings: Any) -> None:
    settings.PASSWORD_HASHERS = HASHERS


def encode(text: bytes, *, padded: bool = True) -> str:
    encoded = base64.b64encode(text).decode()
    return encoded if padded else encoded.rstrip("=")


def test_pbkdf2_hash_loses_its_padding() -> None:
    digest = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), SALT.encode(), 1000)
    salt, value = encode(SALT.encode(), padded=False), encode(digest, padded=False)
    assert convert_to_kratos(ENCODED["pbkdf2_sha256"]) == f"$pbkdf2-sha256$i=1000,l=32${salt}${value}"


def test_scrypt_hash_keeps_its_padding_and_the_work_factor() -> None:
    digest = hashlib.scrypt(PASSWORD.encode(), salt=SALT.encode(), n=16, r=8, p=5, dklen=64)
    expected = f"$scrypt$ln=16,r=8,p=5${encode(SALT.encode())}${encode(digest)}"
    assert convert_to_kratos(ENCODED["scrypt"]) == expected


@pytest.mark.parametrize("algorithm", sorted(ENCODED))
def test_converted_hash_returns_to_the_same_hash_of_django(algorithm: str) -> None:
    returned = convert_to_django(convert_to_kratos(ENCODED[algorithm]))
    assert returned == ENCODED[algorithm]
    assert check_password(PASSWORD, returned)


def test_argon2_and_bcrypt_lose_the_name_that_django_adds() -> None:
    assert convert_to_kratos(f"argon2$argon2id{ARGON2}") == f"$argon2id{ARGON2}"
    assert convert_to_kratos(f"argon2$argon2i{ARGON2}") == f"$argon2i{ARGON2}"
    assert convert_to_kratos(f"bcrypt${BCRYPT}") == BCRYPT
    assert convert_to_django(f"$argon2id{ARGON2}") == f"argon2$argon2id{ARGON2}"
    assert convert_to_django(BCRYPT.replace("2b", "2a")) == f"bcrypt${BCRYPT.replace('2b', '2a')}"


def test_legacy_hashes_without_a_hasher_are_converted() -> None:
    md5, sha1 = hashlib.md5(b"x").hexdigest(), hashlib.sha1(b"saltx").hexdigest()
    order, digest = encode(b"{SALT}{PASSWORD}"), encode(bytes.fromhex(sha1))
    assert convert_to_kratos(md5) == f"$md5${encode(bytes.fromhex(md5))}"
    assert convert_to_kratos(f"sha1$salt${sha1}") == f"$sha1$pf={order}${encode(b'salt')}${digest}"
    assert convert_to_kratos(f"md5$${md5}").startswith(f"$md5$pf={encode(b'{PASSWORD}')}$$")


@pytest.mark.parametrize(
    "encoded",
    [
        f"bcrypt_sha256${BCRYPT}",
        "crypt$$ab12cd",
        "",
        "nonsense",
        "pbkdf2_sha256$1000$salt",
        "pbkdf2_sha256$many$salt$AAAA",
        "pbkdf2_sha256$1000$salt$not base64",
        "pbkdf2_sha256$1000$salt$" + encode(b"x" * 20),
        "pbkdf2_sha256$10000001$salt$" + encode(b"x" * 32),
        "pbkdf2_sha256$0$salt$" + encode(b"x" * 32),
        "scrypt$262144$salt$8$1$" + encode(b"x" * 64),
        "scrypt$16384$salt$9$1$" + encode(b"x" * 64),
        f"argon2$argon2d{ARGON2}",
        f"argon2$argon2id{ARGON2}".replace("v=19", "v=16"),
        f"argon2$argon2id{ARGON2}".replace("t=2", "t=11"),
        f"bcrypt${BCRYPT}".replace("$12$", "$16$"),
        f"bcrypt${BCRYPT}"[:-1],
        "md5$salt$zz",
    ],
)
def test_hash_that_kratos_cannot_check_is_refused(encoded: str) -> None:
    with pytest.raises(UnsupportedHash) as caught:
        convert_to_kratos(encoded)
    assert not any(part in str(caught.value) for part in encoded.split("$") if len(part) > 10)


@pytest.mark.parametrize(
    "hashed",
    [
        "",
        "plain",
        "$firescrypt$ln=14,r=8,p=1$c2FsdA==$aGFzaA==$c2Vw$a2V5",
        "$2a$12$tooshort",
        "$md5$pf=e1BBU1NXT1JEfXtTQUxUfQ==$c2FsdA==$" + encode(b"x" * 16),
        "$pbkdf2-sha256$i=1000,l=32$" + encode(b"a$b", padded=False) + "$" + encode(b"x" * 32, padded=False),
        "$pbkdf2-sha512$i=1000,l=64$c2FsdA$" + encode(b"x" * 64, padded=False),
        "$scrypt$ln=16384,r=8,p=1$//8=$" + encode(b"x" * 64),
    ],
)
def test_hash_that_django_cannot_check_is_refused(hashed: str) -> None:
    with pytest.raises(UnsupportedHash):
        convert_to_django(hashed)


class PepperedHasher(PBKDF2PasswordHasher):
    """A hasher that keeps the standard name, and hashes something else than the password."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        return super().encode(f"pepper{password}", salt, iterations)


class SlowHasher(PBKDF2PasswordHasher):
    """A hasher with another cost, which changes nothing for Kratos."""

    iterations = 1001


def test_hasher_of_the_site_with_a_standard_name_is_refused(settings: Any) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.PepperedHasher"]
    with pytest.raises(UnsupportedHash, match="own hasher"):
        convert_to_kratos(ENCODED["pbkdf2_sha256"])
    settings.PASSWORD_HASHERS = [f"{__name__}.SlowHasher"]
    assert convert_to_kratos(ENCODED["pbkdf2_sha256"])
