"""HTTP code for pages and APIs: redirects, cookies, JSON errors, the response while Ory is unavailable."""
