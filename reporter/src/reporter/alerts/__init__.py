"""Alerts between weekly reports: yesterday compared with the same weekday of the four weeks before."""
