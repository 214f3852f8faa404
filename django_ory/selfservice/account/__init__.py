"""The account area: the sections of the settings, the sessions, and the pages of the site's own."""
