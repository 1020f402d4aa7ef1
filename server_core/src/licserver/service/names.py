# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Windows service is called. docs/specification.md, section 3; nobody may change it."""

NAME = "LicServer82"
DESCRIPTION = "Сервер программного лицензирования конфигураций"
