"""A small invented paper, so that claims, audit and command line are tested without a real one."""
