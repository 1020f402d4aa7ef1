# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Player of community.windows.win_firewall_rule: the rules are noted, and the kernel enforces them.

As on Windows, what comes in is refused unless a rule allows it, a rule that blocks wins, and what goes out is allowed
unless a rule blocks it. The network counts as private. A rule that names a program or a service is enforced as if it
named none.
"""

from __future__ import annotations

import re
from typing import Any

from ...network import PREFIX
from ..played_host import PlayedHost
from .services import machine_of
from .stage import Answer, Call, ModuleError, player

OPTIONS = "name group enabled state direction action description localip remoteip localport remoteport program service"
PROFILE_OF_THE_LAB = "private"
PROFILES = ("domain", "private", "public")
NEW_RULE: dict[str, Any] = {
    "enabled": True,
    "direction": "in",
    "action": "allow",
    "protocol": "any",
    "localport": "any",
    "remoteport": "any",
    "localip": "any",
    "remoteip": "any",
    "profiles": list(PROFILES),
}
TABLE = """\
table inet windows
delete table inet windows
table inet windows {{
  chain input {{
    type filter hook input priority 0; policy drop;
    ct state established,related accept
    iif lo accept
    meta l4proto {{ icmp, icmpv6 }} accept
{incoming}
  }}
  chain output {{
    type filter hook output priority 0; policy accept;
    ct state established,related accept
    oif lo accept
{outgoing}
  }}
}}
"""


@player("community.windows.win_firewall_rule", options=f"{OPTIONS} protocol profiles")
def win_firewall_rule(host: PlayedHost, call: Call) -> Answer:
    options, machine = call.options, machine_of(host)
    if not options["name"]:
        raise ModuleError("the lab plays firewall rules that have a name")
    name, rules = options["name"], host.records.table("firewall")
    before, wanted = rules.get(name), _wanted(options)
    if options["state"] == "absent":
        if before is None:
            return {"changed": False, "msg": f"Firewall rule '{name}' does not exist."}
        after, message = None, f"Firewall rule(s) '{name}' removed."
    else:
        after = (before or NEW_RULE) | wanted
        message = (
            f"Firewall rule '{name}' created." if before is None else "Firewall rule(s) changed '{}' - unchanged '{}'"
        )
        message = message.format(*((name, "") if before != after else ("", name)))
    remaining = {key: rule for key, rule in rules.items() if key != name} | ({name: after} if after else {})
    script = filter_script(remaining)
    if before != after and not call.check:
        machine.filter_traffic(script)
        host.records.replace("firewall", remaining)
    answer: Answer = {"changed": before != after, "msg": message}
    return answer | {"diff": {"prepared": _difference(name, before, after)}} if call.diff else answer


def filter_script(rules: dict[str, Any]) -> str:
    """A script for nft that enforces the rules.

    Raises `ModuleError` when a rule cannot be enforced.
    """
    active = [rule for rule in rules.values() if rule["enabled"] and PROFILE_OF_THE_LAB in rule["profiles"]]
    blocking_first = sorted(active, key=lambda rule: rule["action"] != "block")
    chains = {
        direction: "\n".join(f"    {_statement(rule)}" for rule in blocking_first if rule["direction"] == direction)
        for direction in ("in", "out")
    }
    return TABLE.format(incoming=chains["in"], outgoing=chains["out"])


def _wanted(options: dict[str, Any]) -> dict[str, Any]:
    names = set(OPTIONS.split()) - {"name", "state"} | {"protocol", "profiles"}
    wanted = {key: options[key] for key in sorted(names) if options[key] is not None}
    if "profiles" in wanted:
        wanted["profiles"] = [profile for profile in PROFILES if profile in wanted["profiles"]]
    if "protocol" in wanted:
        wanted["protocol"] = wanted["protocol"].lower()
    return wanted


def _statement(rule: dict[str, Any]) -> str:
    incoming, protocol = rule["direction"] == "in", rule["protocol"]
    ports = {("d" if incoming else "s"): rule["localport"], ("s" if incoming else "d"): rule["remoteport"]}
    addresses = {("d" if incoming else "s"): rule["localip"], ("s" if incoming else "d"): rule["remoteip"]}
    if protocol not in ("any", "tcp", "udp"):
        raise ModuleError(f"the lab plays firewall rules for tcp, udp or any protocol, not {protocol}")
    words = []
    for side, text in sorted(addresses.items()):
        if text != "any":
            words.append(f"ip {side}addr {{ {', '.join(_addresses(text))} }}")
    for side, text in sorted(ports.items()):
        if text != "any":
            if protocol == "any" or not re.fullmatch(r"\d+(-\d+)?(,\s*\d+(-\d+)?)*", text):
                raise ModuleError(f"the lab plays firewall rules with ports like 80,100-110 of tcp or udp, not {text}")
            words.append(f"{protocol} {side}port {{ {text} }}")
    if protocol != "any" and len(words) == sum(word.startswith("ip ") for word in words):
        words.append(f"meta l4proto {protocol}")
    return " ".join([*words, "accept" if rule["action"] == "allow" else "drop"])


def _addresses(text: str) -> list[str]:
    return [f"{PREFIX}.0/24" if one.lower() == "localsubnet" else one for one in re.split(r",\s*", text)]


def _difference(name: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> str:
    lines = [f"[{name}]"]
    for sign, rule, other in (("-", before, after), ("+", after, before)):
        lines += [f"{sign}{key}='{value}'" for key, value in (rule or {}).items() if (other or {}).get(key) != value]
    return "\n".join(lines) + "\n"
