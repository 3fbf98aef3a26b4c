"""Gaps: topics that are asked and not answered well, from the week they open until the data confirm a fix."""
