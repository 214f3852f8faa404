"""Identity schemas (JSON Schema) as descriptions of trait fields, for the pages and for the admin."""
