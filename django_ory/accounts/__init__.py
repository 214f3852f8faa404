"""Connected apps, the deletion of an account with a grace period, and the download of a user's data."""
