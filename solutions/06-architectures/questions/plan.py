"""The assignment to which this package's files add their questions."""

from grader.authoring import Assignment

assignment = Assignment(title="What recurrent networks are for")
