"""One module a paper: its model, its derivation, its claims as printed."""
