"""Kratos' mails and SMS as Django templates, sent by Django.

Kratos' HTTP courier posts them to ``ory:courier``.
"""
