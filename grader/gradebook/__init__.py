"""The gradebook: every result, override, comment and extension of a course, kept in SQLite or PostgreSQL and never overwritten."""
