# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's helper inside Windows, run by the Windows Python of the image: does what only Windows interfaces can do.

A JSON object on standard input says what: `{"topic": "services.read", …}`. The answer on standard output is
`{"answer": …}`, or `{"refusal": "…"}` in the words of Windows.
"""

import json
import sys

import files
import registry
import services

TOPICS = {
    "files.version": files.version,
    "services.names": services.names,
    "services.read": services.read,
    "services.create": services.create,
    "services.change": services.change,
    "services.delete": services.delete,
    "services.start": services.start,
    "services.stop": services.stop,
    "registry.read": registry.read,
    "registry.write": registry.write,
    "registry.delete_value": registry.delete_value,
    "registry.delete_key": registry.delete_key,
}


def main() -> None:
    question = json.loads(sys.stdin.buffer.read())
    topic = TOPICS[question.pop("topic")]
    try:
        answer = {"answer": topic(**question)}
    except OSError as error:
        answer = {"refusal": f"{error.strerror} (Windows error {error.winerror})"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
