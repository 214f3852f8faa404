"""Views of the self-service pages: requests in, responses out."""
