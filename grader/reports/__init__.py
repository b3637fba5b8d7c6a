"""What people read of a graded submission: pages, terminal lines and a record as JSON; all made of `grader.results` alone."""
