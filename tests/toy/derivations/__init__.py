"""Derivations of the invented papers."""
