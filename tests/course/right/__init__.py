"""Right answers in other authors' styles."""
