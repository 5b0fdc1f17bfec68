"""An OpenDental database, mirrored, or extracts of it in files."""
