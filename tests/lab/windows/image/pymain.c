/* SPDX-FileCopyrightText: 2026 The protect.licensing contributors
   SPDX-License-Identifier: GPL-3.0-or-later */
/* python.exe */
#include <wchar.h>

__declspec(dllimport) int Py_Main(int, wchar_t **);

int wmain(int argc, wchar_t **argv) { return Py_Main(argc, argv); }
