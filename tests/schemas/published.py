"""Identity schemas in the shapes of 30 published ones, rewritten and shortened, by repository on GitHub."""

from __future__ import annotations

from typing import Any

__all__ = ["PUBLISHED"]

Json = dict[str, Any]


def schema(properties: Json, *required: str, **more: Any) -> Json:
    traits = {"type": "object", "properties": properties, "required": list(required), **more}
    return {
        "$id": "https://schemas.example/person.json",
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {"traits": traits},
    }


def identifier(*credentials: str, **more: Any) -> Json:
    """A text with which a user signs in."""
    found = {name: {"identifier": True} for name in credentials or ("password",)}
    return {"type": "string", "ory.sh/kratos": {"credentials": found}, **more}


def text(title: str = "", **more: Any) -> Json:
    return {"type": "string", **({"title": title} if title else {}), **more}


EMAIL = identifier(title="E-Mail", format="email")
CLOSED = {"additionalProperties": False}


def names(*titles: str) -> Json:
    first, last = titles or ("First Name", "Last Name")
    return {"type": "object", "properties": {"first": text(first), "last": text(last)}}


#: Repository -> schema, and its traits in short: "*" required, "!" identifier, "?" dropped by Kratos' forms.
PUBLISHED: dict[str, tuple[Json, str]] = {
    "ysq873/GameScience": (schema({"email": EMAIL}, "email"), "email*! text"),
    "andhrelja/bookyngs": (
        schema({"email": EMAIL, "name": names("Ime", "Prezime")}, "email", **CLOSED),
        "email*! text, name.first text, name.last text",
    ),
    "CodeCrafters-ir/ory-django": (
        schema({"email": EMAIL, "name": names("", "")}, "email", additionalProperties=True),
        "email*! text, name.first text, name.last text",
    ),
    "canonical/identity-platform-admin-ui": (
        schema({"email": EMAIL, "name": text()}),
        "email! text, name text",
    ),
    "KamGor/soya": (
        schema(
            {
                "email": EMAIL,
                "accountType": {"title": "Account type", "enum": ["user", "admin"], "readOnly": True},
            },
            *("email", "accountType"),
        ),
        "email*! text, accountType*? text of 2",
    ),
    "dtabolich/oda-component-ri": (
        schema(
            {
                "email": identifier("password", "code", format="email"),
                "phone": identifier("code", format="tel", pattern=r"^\+[1-9]\d{1,14}$"),
                "name": names(),
                "accepted_tos": {"type": "boolean", "title": "Accept Terms of Service", "const": True},
            },
            *("email", "accepted_tos"),
            **CLOSED,
        ),
        "email*! text, phone! text, name.first text, name.last text, accepted_tos* boolean",
    ),
    "instill-ai/api-gateway": (
        schema({"email": EMAIL, "tos_accepted": {"const": True}, "news": {"type": "boolean"}}, "email"),
        "email*! text, tos_accepted boolean, news boolean",
    ),
    "r2devops/self-managed": (
        schema(
            {
                "email": {**EMAIL, "not": {"anyOf": [{"pattern": "@mail.example$"}]}},
                "username": identifier(minLength=2, pattern=r"^[\.a-zA-Z0-9_-]+$"),
                "picture": text("Picture URL", format="uri"),
                "bio": text("Bio", format="text", minLength=3, maxLength=400),
            },
            *("email", "username"),
            **CLOSED,
        ),
        "email*! text, username*! text, picture text, bio text",
    ),
    "mmeewis/TL15": (
        {
            "$schema": "http://json-schema.org/draft-04/schema#",
            "definitions": {
                "person": {
                    "type": "object",
                    "properties": {
                        "identity": {"$ref": "#/definitions/identity"},
                        "language": {"type": "string", "enum": ["English", "French", "German"]},
                    },
                    "required": ["language"],
                },
                "identity": {
                    "type": "object",
                    "properties": {
                        "gender": {"type": "string", "enum": ["Male", "Female"]},
                        "mobile": text(),
                    },
                },
            },
            "type": "object",
            "properties": {"traits": {"$ref": "#/definitions/person"}},
        },
        "identity.gender text of 2, identity.mobile text, language* text of 3",
    ),
    "lac-hong-legacy/s29-be": (
        schema(
            {
                "email": EMAIL,
                "age": {"type": "integer", "minimum": 10, "maximum": 120, "title": "Age"},
                "birth_date": text("Birth Date", format="date"),
                "provider": text(enum=["email", "google", "facebook"], default="email"),
            },
            *("email", "age"),
        ),
        "email*! text, age* integer, birth_date text, provider text of 3",
    ),
    "mechtool/industrial-telemetry": (
        schema({"email": EMAIL, "role": text("Role", enum=["operator", "admin"])}, "email"),
        "email*! text, role text of 2",
    ),
    "OmerRastgar/studio": (
        schema({"email": EMAIL, "role": text("Role", enum=["customer", "auditor"])}, "email", "role"),
        "email*! text, role* text of 2",
    ),
    "retran/nexus": (
        schema(
            {"email": EMAIL, "role": text(enum=["none", "member"], description="Pending approval")}, "email"
        ),
        "email*! text, role text of 2",
    ),
    "aryaniyaps/code-crusaders-sunshare-24": (
        schema({"email": identifier("webauthn", format="email"), "isProvider": {"type": "boolean"}}, "email"),
        "email*! text, isProvider boolean",
    ),
    "JalapenoLabs/Elysium": (
        schema(
            {"email": {**EMAIL, "maxLength": 320}, "name": text("Name", minLength=1, maxLength=100)},
            *("email", "name"),
            **CLOSED,
        ),
        "email*! text, name* text",
    ),
    "node-pulse/admiral": (
        schema({"email": identifier("password", "code"), "name": names(), "organization": text()}, "email"),
        "email*! text, name.first text, name.last text, organization text",
    ),
    "vwency/rust-gateway": (
        schema({"email": EMAIL, "username": identifier(minLength=3)}, "email", "username", **CLOSED),
        "email*! text, username*! text",
    ),
    "holaplex/hub-identities": (
        schema({"email": EMAIL, "profileImage": text("Profile Image URL", format="uri")}, "email"),
        "email*! text, profileImage text",
    ),
    "openfoodfacts/openfoodfacts-server": (
        schema({"UserID": identifier(title="User ID"), "email": text(format="email")}, "email", "UserID"),
        "UserID*! text, email* text",
    ),
    "tribe-health/ory-production": (
        schema({"identifier": identifier(minLength=3), "email": text(format="email")}, "identifier"),
        "identifier*! text, email text",
    ),
    "servidorsemnome/kratos-iam-svc": (
        schema({"nicknames": {"type": "array", "items": identifier(minLength=3)}}, "nicknames"),
        "nicknames*! list of text",
    ),
    "hashintel/hash": (
        schema({"emails": {"type": "array", "items": EMAIL, "minItems": 1}, "shortname": text()}, "emails"),
        "emails*! list of text, shortname text",
    ),
    "wronai/beepload": (
        schema(
            {
                "email": EMAIL,
                "roles": {"type": "array", "items": {"type": "string", "enum": ["user", "manager"]}},
            },
            "email",
        ),
        "email*! text, roles list of text of 2",
    ),
    "serlo/api.serlo.org": (
        schema({"email": EMAIL, "interest": text(enum=["parent", "teacher", ""])}, "email", "interest"),
        "email*! text, interest* text of 3",
    ),
    "mhmmdihza/roster-management-system": (
        schema(
            {"email": EMAIL, "primary_role": {"type": "integer"}, "employee": {"type": "boolean"}},
            *("email", "primary_role", "employee"),
        ),
        "email*! text, primary_role* integer, employee* boolean",
    ),
    "ekremcanunes/Assay": (
        schema(
            {
                "email": EMAIL,
                "name": {**names("Ad", "Soyad"), "required": ["first", "last"], **CLOSED},
                "consent": {"type": "boolean", "const": True},
            },
            *("email", "name", "consent"),
        ),
        "email*! text, name.first* text, name.last* text, consent* boolean",
    ),
    "ory/kratos (by SMS)": (
        schema({"phone": identifier("code", format="tel", title="Your Phone Number")}, "phone", **CLOSED),
        "phone*! text",
    ),
    "ory/kratos (issue 2374)": (
        schema(
            {"email": EMAIL, "tags": {"type": "array", "title": "Tags", "items": {"type": "string"}}}, "email"
        ),
        "email*! text, tags list of text",
    ),
    "dfoxg/kratos-admin-ui": (
        schema(
            {
                "email": EMAIL,
                "homes": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"street": text("Street")}},
                },
                "since": text(format="date-time"),
            },
            "email",
        ),
        "email*! text, homes list of object, since text",
    ),
    "therecluse26/homegrown": (
        schema({"email": EMAIL, "company": {"type": ["string", "null"]}, "bag": {"type": "object"}}, "email"),
        "email*! text, company? text, bag object",
    ),
}
