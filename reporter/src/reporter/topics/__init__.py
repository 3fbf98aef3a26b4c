"""Topics: questions that mean the same, whatever their words, followed from week to week."""
