"""The assignment to which this package's files add their questions."""

from grader.authoring import Assignment

assignment = Assignment(title="Sequences, tokens and what comes next")
