"""Work shared by processes of this machine, any of which may die without taking the rest along."""
