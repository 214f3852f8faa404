"""Invitations, and sign-up that is closed without one.

The page of the sign-up refuses early and explains why. The guarantee is a web hook of Kratos, because a
client can sign up at Kratos without the page.
"""
