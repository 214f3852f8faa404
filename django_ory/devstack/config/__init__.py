"""The configuration files of Kratos and Hydra, made from a Django project."""
