"""Benchmarks: `make bench`, or one with `make bench b=closing`. Every file named in `pieces.py` is one of them.

A piece measures a claim side by side with a floor in one run, against the real servers that `conveyor_local` starts.
Nothing in the product exists for a benchmark; what is needed to load and to look is here.
"""
