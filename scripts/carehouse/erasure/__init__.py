"""Take a person out of the home, and keep the next landing from bringing them back."""
