"""Tests of the Terraform workspaces together: applied to the emulator, and against the templates."""
