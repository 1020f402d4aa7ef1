/* SPDX-FileCopyrightText: 2026 The protect.licensing contributors
   SPDX-License-Identifier: GPL-3.0-or-later */
/* python3.dll: every name of the stable interface is forwarded to python311.dll by the .def file made beside it. */
int __stdcall DllMainCRTStartup(void *instance, unsigned reason, void *reserved) { return 1; }
