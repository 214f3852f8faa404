"""One development stack: both servers, the mailbox and the site, in a folder."""
