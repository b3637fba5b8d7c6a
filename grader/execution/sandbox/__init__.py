"""What keeps a student's process in: layers with one job each, and tiers that are lists of them."""
