"""Makes the reference pages from the code, so that no page can say what is no longer true.

Each module makes the Markdown of one group. It imports nothing of Sphinx, so the tests call it. The module
``directives`` is the extension.
"""
