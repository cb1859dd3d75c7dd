"""Builders, scripted fakes and servers for the tests."""
