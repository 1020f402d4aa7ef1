# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client whose server is restarted."""

import pytest

from licserver.component import ClientSettings, HeldLicense, ProtectionComponent, UntrustedServerError
from licserver.component.connection import Connection
from licserver.component.loan import Loan
from licserver.component.transport import Address
from server_core.tests.helpers import Vendor
from server_core.tests.running import ServerThread


def test_a_client_that_found_its_server_by_search_keeps_its_license_over_a_restart(
    server: ServerThread, vendor: Vendor
) -> None:
    component = ProtectionComponent("retail", vendor.kit, settings=ClientSettings())
    found = Address(server.address, server.settings.port, server.server.desk.sessions.session_public)
    license = HeldLicense(component, Loan(component, Connection(found), 0))
    lease = license.lease

    server.restart()
    license.renew()

    assert license.lease == lease
    license.release()


def test_another_server_than_the_one_that_answered_the_search_is_refused(server: ServerThread) -> None:
    elsewhere = Address(server.address, server.settings.port, "the key of another server")

    with pytest.raises(UntrustedServerError, match="not the server that answered the search"):
        Connection(elsewhere)
