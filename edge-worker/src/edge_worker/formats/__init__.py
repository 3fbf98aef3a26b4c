"""Reads exchanges out of the requests and replies of the chatbots people run. Knows nothing of the runtime."""
