"""Made-up inputs in the users' own formats."""
