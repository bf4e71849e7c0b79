"""The merged filesystem held against real engines (Oracle 3)."""
