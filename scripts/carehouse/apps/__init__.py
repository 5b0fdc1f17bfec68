"""What people use beside SQL: the reception API and the dashboard."""
