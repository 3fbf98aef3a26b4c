"""Channels besides mail: a webhook, and attachments."""
