"""From files that students handed in to submissions that can be graded; nothing in those files is believed.

`find_submissions` gives one `Found` for each file, `read_submission` reads it (`read_notebook`), tells which assignment it is
(`recognise`) and puts the pristine locked cells back (`assemble`).
"""
