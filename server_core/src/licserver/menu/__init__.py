# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The management window as a text menu: its eight commands and their wizards. docs/specification.md, section 8.

What is said and asked is decided without I/O: the conversation yields what is to be shown, asked or carried out, and is
sent what came of it. Standard library only: the menu may begin where nothing else is installed yet.
"""
