"""The learners: what each trains, on which data, and what it records."""
