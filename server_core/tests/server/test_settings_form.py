# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody wants who sends the form of settings."""

from typing import Any

import pytest

from licserver.pages.bodies import Form
from licserver.server.settings_change import SettingConflictError, SettingError, SettingsChange, check_seen
from licserver.server.web.pages.settings_form import SettingsForm, as_filled

NOW: dict[str, Any] = {
    "port": 15200,
    "web_port": 15201,
    "local": True,
    "bind_address": "",
    "names": ("a.example", "b.example"),
    "idle_minutes": 10,
    "credentials_set": False,
    "tls": False,
    "tls_certificate": "",
    "tls_key": "",
    "language": "",
}


def sent(**typed: str) -> SettingsForm:
    """The form as it was filled with ``NOW``, and what was typed into it since."""
    filled = as_filled(NOW)
    fields = {**{f"was_{name}": value for name, value in filled.items()}, **filled, **typed}
    return SettingsForm(Form({name: value for name, value in fields.items() if value or name != "local"}, {}))


def test_who_changed_nothing_wants_nothing() -> None:
    assert (sent().wanted(), sent().seen()) == (SettingsChange(), SettingsChange())


def test_only_what_was_changed_is_wanted() -> None:
    form = sent(idle_minutes="25", local="", bind_address="10.0.0.1", tls="yes")

    assert form.wanted() == SettingsChange(idle_minutes=25, local=False, bind_address="10.0.0.1", tls=True)
    assert form.seen() == SettingsChange(idle_minutes=10, local=True, bind_address="", tls=False)


def test_names_are_a_list() -> None:
    assert as_filled(NOW)["names"] == "a.example, b.example"
    assert sent(names="c.example , d.example").wanted() == SettingsChange(names=("c.example", "d.example"))
    assert sent(names="").wanted() == SettingsChange(names=())


def test_a_script_need_not_say_what_it_saw() -> None:
    form = SettingsForm(Form({"idle_minutes": "25"}, {}))

    assert (form.wanted(), form.seen()) == (SettingsChange(idle_minutes=25), SettingsChange())


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ({"user": "anna", "password": "s", "password_again": "s"}, SettingsChange(user="anna", password="s")),
        ({"password": " ", "password_again": " "}, SettingsChange(user="", password=" ")),
        ({"user": "anna", "no_user": "yes"}, SettingsChange(user="")),
    ],
)
def test_credentials_are_wanted_where_they_are_typed(typed: dict[str, str], wanted: SettingsChange) -> None:
    assert sent(**typed).wanted() == wanted


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"port": "many"}, "port"),
        ({"web_port": "1234567890"}, "web_port"),
        ({"idle_minutes": "٣"}, "idle_minutes"),
        ({"password": "one", "password_again": "two"}, "password_again"),
    ],
)
def test_what_cannot_be_is_named(typed: dict[str, str], field: str) -> None:
    with pytest.raises(SettingError) as refused:
        sent(**typed).wanted()

    assert refused.value.field == field


def test_what_is_left_alone_is_shown_anew_and_what_was_typed_stays() -> None:
    now = as_filled({**NOW, "port": 15300, "idle_minutes": 30})
    values, was = sent(idle_minutes="25", web_port="many").again(now, told=["idle_minutes"])

    assert (values["port"], values["idle_minutes"], values["web_port"]) == ("15300", "25", "many")
    assert (was["port"], was["idle_minutes"], was["web_port"]) == ("15300", "30", "15201")


def test_what_somebody_else_set_meanwhile_is_not_replaced_unseen() -> None:
    with pytest.raises(SettingConflictError, match="port is 15300") as refused:
        check_seen({**NOW, "port": 15300}, SettingsChange(port=15400), SettingsChange(port=15200))

    assert refused.value.now == {"port": 15300}


@pytest.mark.parametrize(
    ("now", "wanted", "seen"),
    [
        ({"port": 15200}, SettingsChange(port=15400), SettingsChange(port=15200)),
        ({"port": 15400}, SettingsChange(port=15400), SettingsChange(port=15200)),
        ({"port": 15300, "idle_minutes": 30}, SettingsChange(idle_minutes=25), SettingsChange(idle_minutes=30)),
        ({"port": 15300}, SettingsChange(port=15400), SettingsChange()),
    ],
)
def test_what_was_seen_as_it_is_or_wanted_by_both_passes(
    now: dict[str, Any], wanted: SettingsChange, seen: SettingsChange
) -> None:
    check_seen({**NOW, **now}, wanted, seen)
