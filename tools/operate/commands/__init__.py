"""The commands, a module each: which arguments it takes, and what it prints. What it does lies beside this folder."""
