"""The cost model: what a month uses of each free tier, what is charged beyond, and how the pipeline copes."""
