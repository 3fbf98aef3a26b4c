"""Makes exchanges of OpenTelemetry traces. Knows nothing of the runtime."""
