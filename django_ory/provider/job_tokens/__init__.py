"""Access tokens for users without their browsers (RFC 7523): this site signs, Hydra issues.

Each pair of a job and a user is an issuer of its own at Hydra, trusted for this user only. So a
revoked job loses the trust of Hydra, too, and a stolen key is useless for users without a job.
"""

from __future__ import annotations
