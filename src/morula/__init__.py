"""Morula: outline what you study."""
