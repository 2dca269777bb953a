"""Attacks on the checker: wrong statements and wrong models, and what lets them through."""
