"""Thin tasks: translate a bell, call one room once. Their names are the bells."""
