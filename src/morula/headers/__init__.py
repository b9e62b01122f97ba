"""What files say of themselves, weighed and understood before anything in them is decoded."""
