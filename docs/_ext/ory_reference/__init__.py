"""Makes the reference pages from the code, so that both always agree.

Each module makes the Markdown of one group, without Sphinx, and is called by the tests. The module
``directives`` is the extension.
"""
