"""Fit the scorecards from the feature marts; scoring them is SQL, in `models/intermediate/ml`."""
