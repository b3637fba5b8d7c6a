"""Marks in the formats of other programs, one module a format: functions from `Mark` records to text, which write no file."""
