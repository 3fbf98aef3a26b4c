"""Stores analytics events: from a queue message to one DynamoDB item per exchange."""
