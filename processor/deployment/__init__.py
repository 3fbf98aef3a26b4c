"""Deploys this service's SAM application. The processor and the reporter keep identical copies."""
