"""The learners: what each trains, on which data, and what it records.

A new learner is a module here with a subclass of `symssl.simulate.Learner`, whose contract stands in
`symssl.simulate.training`, and a line in the room's `__init__.pyi`.
"""
