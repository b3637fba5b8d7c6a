"""Where submissions are graded: slots on this machine."""
