"""What grader does, one module a command; only here do the parts meet."""
