/* SPDX-FileCopyrightText: 2026 The protect.licensing contributors
   SPDX-License-Identifier: GPL-3.0-or-later */
/* Scripts\python.exe of a virtual environment: runs the python.exe that pyvenv.cfg names, which finds the
   environment by __PYVENV_LAUNCHER__ (PEP 405, PEP 486). */
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

static void fail(const wchar_t *what) {
  fwprintf(stderr, L"venvlauncher: %ls (error %lu)\n", what, GetLastError());
  exit(101);
}

static void read_home(const wchar_t *launcher, wchar_t *home) {
  wchar_t path[MAX_PATH];
  char line[1024];
  wcscpy(path, launcher);
  *wcsrchr(path, L'\\') = 0;
  wcscpy(wcsrchr(path, L'\\') + 1, L"pyvenv.cfg");
  FILE *settings = _wfopen(path, L"r");
  if (!settings) fail(L"cannot read pyvenv.cfg");
  while (fgets(line, sizeof line, settings))
    if (!strncmp(line, "home = ", 7)) {
      line[strcspn(line, "\r\n")] = 0;
      MultiByteToWideChar(CP_UTF8, 0, line + 7, -1, home, MAX_PATH);
      fclose(settings);
      return;
    }
  fail(L"pyvenv.cfg names no home");
}

int wmain(void) {
  wchar_t launcher[MAX_PATH], python[MAX_PATH + 16];
  STARTUPINFOW start = {.cb = sizeof start};
  PROCESS_INFORMATION process;
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
  DWORD code;

  GetModuleFileNameW(NULL, launcher, MAX_PATH);
  read_home(launcher, python);
  wcscat(python, L"\\python.exe");
  SetEnvironmentVariableW(L"__PYVENV_LAUNCHER__", launcher);
  HANDLE job = CreateJobObjectW(NULL, NULL);
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK;
  SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
  GetStartupInfoW(&start);
  if (!CreateProcessW(python, GetCommandLineW(), NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &start, &process))
    fail(L"cannot start the Python of pyvenv.cfg");
  AssignProcessToJobObject(job, process.hProcess);
  ResumeThread(process.hThread);
  WaitForSingleObject(process.hProcess, INFINITE);
  GetExitCodeProcess(process.hProcess, &code);
  return code;
}
