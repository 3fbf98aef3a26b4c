"""The ledger: what a month of traffic uses of each free offer, what is charged beyond, and how the pipeline copes."""
