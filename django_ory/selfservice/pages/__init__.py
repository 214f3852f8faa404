"""The content of a page around its forms."""
