from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("django_ory", "0002_deletions_and_invitations"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="identity",
            options={
                "ordering": ["label", "identity_id"],
                "permissions": [
                    ("sync_identity", "Can sync identities from Ory"),
                    ("change_identity_state", "Can activate and deactivate identities in Ory"),
                    ("link_identity", "Can link identities to other users"),
                    ("view_personal_data", "Can see names, traits, addresses and responses of identities"),
                    ("export_identity", "Can export identities"),
                    ("verify_address", "Can mark addresses of identities as verified"),
                    ("change_credentials", "Can set passwords and remove credentials of identities"),
                    ("create_recovery", "Can create recovery links and codes"),
                    ("view_session", "Can view sessions in Ory"),
                    ("revoke_session", "Can revoke sessions in Ory"),
                    ("view_message", "Can view mails and SMS that Ory has sent"),
                    ("view_message_body", "Can read the texts of mails and SMS, with their codes and links"),
                    ("view_consent", "Can view which OAuth2 clients users have allowed"),
                    ("revoke_consent", "Can revoke consents of users"),
                ],
                "verbose_name": "identity",
                "verbose_name_plural": "identities",
            },
        ),
        migrations.AlterModelOptions(
            name="oauth2client",
            options={
                "ordering": ["name", "client_id"],
                "permissions": [
                    ("sync_oauth2client", "Can sync OAuth2 clients from Ory"),
                    (
                        "trust_oauth2client",
                        "Can change where OAuth2 clients send users and how they are trusted",
                    ),
                    ("rotate_client_secret", "Can rotate secrets of OAuth2 clients and see the new ones"),
                    ("revoke_client_tokens", "Can revoke the tokens of OAuth2 clients"),
                    ("view_jwk_set", "Can view the public parts of JSON Web Key sets"),
                    ("change_jwk_set", "Can create, rotate and delete JSON Web Key sets"),
                    ("view_trusted_issuer", "Can view trusted issuers of JWTs"),
                    ("change_trusted_issuer", "Can add and delete trusted issuers of JWTs"),
                    ("introspect_token", "Can introspect tokens"),
                ],
                "verbose_name": "OAuth2 client",
                "verbose_name_plural": "OAuth2 clients",
            },
        ),
    ]
