"""The admin pages about data that is not mirrored."""
