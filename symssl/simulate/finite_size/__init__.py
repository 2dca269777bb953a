"""Exact expectations and flows at finite size: how good an approximation is."""
