"""A second look of the pages of django_ory, made of Bootstrap 5: twelve templates and a style sheet."""
