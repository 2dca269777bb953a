"""The command line: a module for each group of commands, options in one place.

Decides nothing and draws nothing; it reads what is typed, calls the rooms below and prints.
"""
