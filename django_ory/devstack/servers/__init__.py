"""Kratos and Hydra as programs: found or built with Go, started, paused and stopped."""
