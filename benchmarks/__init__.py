"""What the design asks for, measured against its rivals in one run."""
