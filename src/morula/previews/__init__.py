"""First masks of the frames that a person looks at, by strokes or by the newest network."""
