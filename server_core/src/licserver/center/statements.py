# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the database for every request, each statement built once: building it anew costs SQLAlchemy five
times as much as carrying it out. The names that end with an underscore in a statement are its parameters.
"""

from sqlalchemy import Executable, Table, bindparam, func, insert, select

from licserver.center.schema import (
    activations,
    hardware_licenses,
    history,
    key_counters,
    keys,
    pack_activations,
    phone_activations,
    pins,
    product_counters,
    products,
)

KEY = select(keys).where(keys.c.key_number == bindparam("key_number_"))
KEY_TO_DECIDE_ON = KEY.with_for_update()
PRODUCT = select(products).where(products.c.product == bindparam("product_"))
PRODUCT_TO_CHANGE = PRODUCT.with_for_update()


def _counters_of(table: Table, owner: str) -> Executable:
    of_owner = select(table.c.name, table.c.type, table.c.limit).where(table.c[owner] == bindparam("owner_"))
    return of_owner.order_by(table.c.position)


COUNTERS_OF_KEY = _counters_of(key_counters, "key_number")
COUNTERS_OF_PRODUCT = _counters_of(product_counters, "product")

ANSWER = select(activations.c.request_digest, activations.c.answer).where(
    activations.c.request_id == bindparam("request_id_")
)
PINS = (
    select(pins.c.pin, pins.c.digest, activations.c.request_id.is_not(None).label("spent"))
    .join_from(pins, activations, isouter=True)
    .where(pins.c.key_number == bindparam("key_number_"))
)
WRONG_PINS = (
    select(func.count())
    .select_from(history)
    .where(
        history.c.key_number == bindparam("key_number_"),
        history.c.code == "wrong_pin",
        history.c.at > bindparam("after_"),
    )
)
LAST_ACTIVATION = (
    select(activations.c.ordinal, activations.c.answer, phone_activations.c.license)
    .join_from(activations, phone_activations, isouter=True)
    .where(activations.c.key_number == bindparam("key_number_"))
    .order_by(activations.c.ordinal.desc())
    .limit(1)
)
LAST_PACK = (
    select(pack_activations.c.answer)
    .where(
        pack_activations.c.key_number == bindparam("key_number_"),
        pack_activations.c.activation == bindparam("activation_"),
    )
    .order_by(pack_activations.c.revision.desc())
    .limit(1)
)

LAST_ON_TOKEN = (
    select(hardware_licenses.c.license)
    .where(hardware_licenses.c.key_number == bindparam("key_number_"))
    .order_by(hardware_licenses.c.revision.desc())
    .limit(1)
)

ACTIVATED = insert(activations)
HAPPENED = insert(history)
