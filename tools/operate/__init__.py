"""The operator's command for a deployed pipeline: `python -m operate`, behind `make doctor`, `release` and others."""
