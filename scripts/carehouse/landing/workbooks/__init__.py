"""Case workbooks."""
