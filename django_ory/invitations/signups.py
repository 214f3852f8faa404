"""The invitation of a sign-up: a parameter of the URL at which the sign-up began.

Defined without models, because settings modules import the development stack.
"""

from __future__ import annotations

#: Parameter of the sign-up page and of Kratos' URL for a new flow, which Kratos keeps as ``request_url``.
INVITATION_PARAMETER = "invitation"
