"""Other engines than DuckDB: bring the raw tables there, compare what they say, publish there."""
