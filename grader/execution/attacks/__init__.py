"""Attacks on the sandbox that `grader doctor` and the tests run in real kernels.

Each public function is one attack: its docstring says what it tries, and it returns what it got hold of, which is nothing where the sandbox holds.
An OSError means that it was refused. The modules are sent to the kernel as text, as a student's cells are.
"""
