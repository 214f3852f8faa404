"""Helpers that tests of several areas share. Ory is ``django_ory.testing.FakeOry`` everywhere."""
