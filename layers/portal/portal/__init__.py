"""What the rooms share. Importing it makes objects that all stay: to look for garbage among them
would be a tenth of a cold start."""

import gc

gc.set_threshold(200_000)
