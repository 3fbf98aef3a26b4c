"""End-to-end tests: emulator, Terraform, SAM and workerd, started once for all of them."""
