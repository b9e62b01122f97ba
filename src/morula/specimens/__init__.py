"""Things in general, drawn as microscopes and scanners show them, in planes and volumes, each with a number of its own."""
