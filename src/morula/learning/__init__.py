"""From a lesson to a network, and from a network to a model."""
