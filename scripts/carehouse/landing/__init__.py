"""Loaders: they carry inputs into raw tables as they came, with lineage, and clean nothing."""
