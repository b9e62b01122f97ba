"""Things in general, each with a number of its own, as microscopes and scanners show them in planes and volumes."""
