"""How a service gives a subject everything that it keeps of him, and nothing of anybody else: the disclosure.

`kept` what a table holds of him, `messages` the same of the facts that every service keeps, `wire` values as JSON,
`disclose` one page of it, `api` who may ask for it.
"""
