"""Pictures of all pages and mails of the app: ``python -m tests.gallery FOLDER``."""
