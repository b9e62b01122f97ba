"""Drawn fields of aggregates of every kind, as many microscopes and cameras show them."""
