"""What students get: a notebook without its solutions, and the public cases."""
