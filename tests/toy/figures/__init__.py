"""Figures of the invented papers."""
