"""What all tests share."""

from hypothesis import settings

# How long an example takes says more about the machine than about the subject.
settings.register_profile("morula", deadline=None)
settings.load_profile("morula")
