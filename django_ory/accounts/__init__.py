"""The end of an account: deletion with an optional grace period, and the download of a user's data."""
