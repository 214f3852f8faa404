"""HTTP code that pages and APIs share: redirects, cookies, JSON errors, the response while Ory is down."""
