"""An in-memory Kratos and Hydra. ``FakeOry`` in ``ory`` is the entry point."""
