"""Tests of the whole stack: emulator, Terraform, SAM and workerd, started once for all of them."""
