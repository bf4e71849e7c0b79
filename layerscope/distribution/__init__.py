"""Registries: the OCI distribution protocol, without any engine."""
