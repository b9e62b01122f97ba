"""Work shared by processes of this machine and of others, any of which may die without taking the rest along."""
