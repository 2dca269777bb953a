"""The sentences of the claims, by section."""
