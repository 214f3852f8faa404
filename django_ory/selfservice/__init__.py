"""Kratos' pages: sign-in, registration, recovery, verification, settings, error and sign-out."""
