"""What the rooms share. Importing it makes objects that all stay: to look for garbage among them
would be a tenth of a cold start.

botocore's urllib3 compiles long patterns. They come first: deep in a chain of imports their
recursion stands at the edge of a chunk of Python's stack, which is mapped anew for each call.
"""

import gc

import urllib3.util.url  # noqa: F401

gc.set_threshold(200_000)
