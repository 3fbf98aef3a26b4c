"""Brings the Worker and its secrets to Cloudflare: `make build`, `deploy`, `secrets` and what wrangler does itself.

The queue's URL and the sender's name are what the `worker` workspace of the infrastructure has published in SSM.
"""
