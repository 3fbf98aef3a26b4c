"""The Workers runtime as `edge_worker` sees it: besides `entry.py`, only these modules know the runtime."""
