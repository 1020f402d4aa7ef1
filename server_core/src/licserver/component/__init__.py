# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The protection component: the part of the licensing system inside a protected product.

It finds its license server (docs/specification.md, section 4), takes a license for the running instance of the product,
checks the whole chain of signatures with the vendor's key that is built into the product, renews while the user works
and frees at the end::

    component = ProtectionComponent("retail", kit)
    with component.acquire() as license:
        while user_works():
            license.renew()

Errors, all of them :class:`ComponentError`:

- :class:`ClientSettingsError`: the ini of this computer cannot be used
- :class:`ServerNotFoundError`: no license server; its message says what was tried and why each try failed
- :class:`LicenseDeniedError`: a server said no, and why
- :class:`UntrustedServerError`: what answered cannot prove that it may lend this license; of these,
  :class:`UnknownCertificateError`: its TLS certificate is none of those by which it may be known
- :class:`ConnectionLostError`: the server does not answer now; the license is held until its time is over
"""

from licserver.component.errors import (
    ClientSettingsError,
    ComponentError,
    ConnectionLostError,
    LicenseDeniedError,
    ServerNotFoundError,
    UnknownCertificateError,
    UntrustedServerError,
)
from licserver.component.license import HeldLicense, ProtectionComponent
from licserver.component.settings import ClientSettings, read_client_settings

__all__ = [
    "ClientSettings",
    "ClientSettingsError",
    "ComponentError",
    "ConnectionLostError",
    "HeldLicense",
    "LicenseDeniedError",
    "ProtectionComponent",
    "ServerNotFoundError",
    "UnknownCertificateError",
    "UntrustedServerError",
    "read_client_settings",
]
