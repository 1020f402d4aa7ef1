/* SPDX-FileCopyrightText: 2026 The protect.licensing contributors
   SPDX-License-Identifier: GPL-3.0-or-later
   An installer of drivers: driver.exe FOLDER makes the folder and puts itself there as hasplms.exe, version and all. */
#include <windows.h>
#include <wchar.h>

int wmain(int count, WCHAR **words)
{
    WCHAR target[MAX_PATH];
    if (count != 2 || swprintf(target, MAX_PATH, L"%ls\\hasplms.exe", words[1]) < 0)
        return 2;
    CreateDirectoryW(words[1], NULL);
    WCHAR own[MAX_PATH];
    GetModuleFileNameW(NULL, own, MAX_PATH);
    return !CopyFileW(own, target, FALSE);
}
