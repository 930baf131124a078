"""Outside systems as they send: for every kind of source a delivery that is proven with a secret, any number of them.

Keys and shapes are the providers', values are made up. Benchmarks push them, tests try every kind with them.
"""
