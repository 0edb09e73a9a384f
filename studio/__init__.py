"""Pieria: a local creative studio. Package `studio`, command `studio`."""

__version__ = "0.1.0"
