# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""WS-Management as MS-WSMV has it: SOAP requests taken apart, answers and faults put together.

Nothing is done here: what a request asks for is carried out by `shells.py`.
"""

from __future__ import annotations

import base64
import binascii
import re
import uuid
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
FAULT_ACTION = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
ANONYMOUS = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"
NAMESPACES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "x": "http://schemas.xmlsoap.org/ws/2004/09/transfer",
    "rsp": SHELL,
}
DEFAULT_TIMEOUT = 20.0


class FaultError(Exception):
    """A request that is answered with a SOAP fault: a number that Windows knows, and words."""

    def __init__(self, code: int, subcode: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.subcode = subcode


@dataclass(frozen=True)
class Request:
    """What a client asks: an action on a shell, with what the body says."""

    action: str
    message: str
    shell: str | None
    timeout: float
    options: dict[str, str]
    body: ElementTree.Element

    @property
    def verb(self) -> str:
        return self.action.rsplit("/", 1)[-1]

    def find(self, path: str) -> ElementTree.Element:
        """The one element of the body at `path`.

        Raises `FaultError` when there is none.
        """
        found = self.body.find(path, NAMESPACES)
        if found is None:
            raise FaultError(2150858778, "w:SchemaValidationError", f"the request has no {path}")
        return found


def parse(envelope: bytes) -> Request:
    """The request in a SOAP envelope.

    Raises `FaultError` when it is none.
    """
    try:
        root = ElementTree.fromstring(envelope)
    except ElementTree.ParseError as error:
        raise FaultError(2150858778, "w:SchemaValidationError", f"the request is not XML: {error}") from error
    action, message = root.find("s:Header/a:Action", NAMESPACES), root.find("s:Header/a:MessageID", NAMESPACES)
    body = root.find("s:Body", NAMESPACES)
    if action is None or message is None or body is None:
        raise FaultError(2150858778, "w:SchemaValidationError", "the request lacks an action, a message id or a body")
    shell = root.find("s:Header/w:SelectorSet/w:Selector[@Name='ShellId']", NAMESPACES)
    timeout = re.sub("[^0-9.]", "", root.findtext("s:Header/w:OperationTimeout", "", NAMESPACES))
    return Request(
        action=action.text or "",
        message=message.text or "",
        shell=None if shell is None else shell.text,
        timeout=float(timeout) if timeout else DEFAULT_TIMEOUT,
        options={
            option.get("Name", ""): option.text or ""
            for option in root.iterfind("s:Header/w:OptionSet/w:Option", NAMESPACES)
        },
        body=body,
    )


def stream_content(stream: ElementTree.Element) -> bytes:
    """The bytes that a stream element carries.

    Raises `FaultError` when they are not base64.
    """
    try:
        return base64.b64decode(stream.text or "", validate=True)
    except binascii.Error as error:
        raise FaultError(2150858778, "w:SchemaValidationError", f"a stream is not base64: {error}") from error


def answer(request: Request, body: str) -> bytes:
    return _envelope(f"{request.action}Response", request.message, body)


def shell_created(shell: str) -> str:
    return (
        f"<x:ResourceCreated><a:Address>{ANONYMOUS}</a:Address><a:ReferenceParameters><w:ResourceURI>{SHELL}/cmd"
        f'</w:ResourceURI><w:SelectorSet><w:Selector Name="ShellId">{shell}</w:Selector></w:SelectorSet>'
        f"</a:ReferenceParameters></x:ResourceCreated><rsp:Shell><rsp:ShellId>{shell}</rsp:ShellId><rsp:ResourceUri>"
        f"{SHELL}/cmd</rsp:ResourceUri><rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout stderr"
        "</rsp:OutputStreams></rsp:Shell>"
    )


def command_started(command: str) -> str:
    return f"<rsp:CommandResponse><rsp:CommandId>{command}</rsp:CommandId></rsp:CommandResponse>"


def output(command: str, parts: dict[str, bytes], exit_code: int | None) -> str:
    """What a command wrote to each of its streams; its exit code too, unless more is to come (None)."""
    tag = f"CommandId={quoteattr(command)}"
    said = "".join(
        f'<rsp:Stream Name="{name}" {tag}>{base64.b64encode(part).decode()}</rsp:Stream>'
        for name, part in parts.items()
        if part
    )
    if exit_code is None:
        ended = f'<rsp:CommandState {tag} State="{SHELL}/CommandState/Running"/>'
    else:
        ended = "".join(f'<rsp:Stream Name="{name}" {tag} End="true"/>' for name in parts)
        ended += f'<rsp:CommandState {tag} State="{SHELL}/CommandState/Done">'
        ended += f"<rsp:ExitCode>{exit_code}</rsp:ExitCode></rsp:CommandState>"
    return f"<rsp:ReceiveResponse>{said}{ended}</rsp:ReceiveResponse>"


def fault(error: FaultError, message: str = "", machine: str = "") -> bytes:
    text = escape(str(error))
    return _envelope(
        FAULT_ACTION,
        message,
        f"<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>{error.subcode}</s:Value></s:Subcode>"
        f'</s:Code><s:Reason><s:Text xml:lang="en-US">{text}</s:Text></s:Reason><s:Detail><f:WSManFault '
        f'xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="{error.code}" '
        f"Machine={quoteattr(machine)}>"
        f"<f:Message>{text}</f:Message></f:WSManFault></s:Detail></s:Fault>",
    )


def _envelope(action: str, relates_to: str, body: str) -> bytes:
    names = "".join(f' xmlns:{short}="{name}"' for short, name in NAMESPACES.items())
    return (
        f'<s:Envelope xml:lang="en-US"{names} xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"><s:Header>'
        f"<a:Action>{escape(action)}</a:Action><a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID>"
        f"<a:To>{ANONYMOUS}</a:To><a:RelatesTo>{escape(relates_to)}</a:RelatesTo></s:Header>"
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()
