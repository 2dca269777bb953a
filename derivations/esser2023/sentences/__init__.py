"""Sentences that wait for a rule that settles them, by the module that will derive them."""
