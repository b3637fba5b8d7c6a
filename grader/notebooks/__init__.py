"""What a notebook is to the grader: cells with roles, and a student's submission made of them."""
