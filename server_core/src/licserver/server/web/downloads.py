# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a browser or a program takes away as a file."""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

import anyio
import anyio.to_thread
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from licserver import __version__
from licserver.distribution import save
from licserver.server.support import Support

_ENDING = ".zip" if sys.platform == "win32" else ".tar.gz"


class Downloads:
    """Makes the files of one server, one distribution at a time."""

    def __init__(self, support: Support) -> None:
        self._support = support
        self._saving = anyio.Lock()

    async def bundle(self) -> Response:
        """What the vendor's support wants to see."""
        content = await self._support.bundle()
        return Response(content, headers=_as_file("licserver-support.zip"), media_type="application/zip")

    async def distribution(self) -> Response:
        """The server in one file, to be installed elsewhere.

        :raises DistributionError: this is no installed release.
        """
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="licserver-"))
        path = folder / f"licserver-{__version__}{_ENDING}"
        try:
            async with self._saving:
                await anyio.to_thread.run_sync(save.save, path)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        clean_up = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
        media_type = "application/zip" if _ENDING == ".zip" else "application/gzip"
        return FileResponse(path, headers=_as_file(path.name), media_type=media_type, background=clean_up)


def _as_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
