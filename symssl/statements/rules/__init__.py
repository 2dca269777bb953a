"""Rules that ask the engine for the value of a term; each gives a fact ``term = value``."""
