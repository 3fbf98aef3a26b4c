"""How the repository is checked, deployed, documented and operated."""
