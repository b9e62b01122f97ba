"""From an object to its numbers, with units and intervals."""
