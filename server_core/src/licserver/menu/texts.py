# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that the menu says, in English and in Russian."""

import locale
from collections.abc import Mapping
from typing import Any

LANGUAGES = ("en", "ru")

_TEXTS: Mapping[str, tuple[str, str]] = {
    "title": ("License server and protection keys", "Сервер лицензирования и ключи защиты"),
    "choose": ("Command: ", "Команда: "),
    "no_such_command": ("Type a number from 1 to {most}.", "Введите число от 1 до {most}."),
    "how_to_move": (
        "End each answer with Enter. {back} goes back, {cancel} cancels; an empty answer means [what is in brackets].",
        "Завершайте ответ клавишей Enter. {back} — назад, {cancel} — отмена; пустой ответ значит [то, что в скобках].",
    ),
    "go_on": ("Enter: go on, {back}: back, {cancel}: cancel ", "Enter — далее, {back} — назад, {cancel} — отмена "),
    "first_question": ("This is the first question.", "Это первый вопрос."),
    "really_cancel": ("Cancel? Nothing was changed yet. [y/N] ", "Прервать? Пока ничего не изменено. [д/Н] "),
    "answer_needed": ("An answer is needed.", "Нужен ответ."),
    "yes_or_no": ("Answer y or n.", "Ответьте д или н."),
    "one_of_3": ("Answer 1, 2 or 3.", "Ответьте 1, 2 или 3."),
    "one_of_5": ("Answer 1, 2, 3, 4 or 5.", "Ответьте 1, 2, 3, 4 или 5."),
    "never": ("never", "никогда"),
    # the commands
    "set_server": ("Set the server's address", "Указать адрес сервера"),
    "activate_key": ("Activate a software key", "Активировать программный ключ"),
    "activate_pack": ("Activate a license pack", "Активировать пакет лицензий"),
    "retry": ("Retry the connection", "Повторить подключение"),
    "quit": ("Quit", "Выход"),
    "license": ("License parameters", "Параметры лицензии"),
    "save": ("Save the server's distribution", "Сохранить дистрибутив сервера"),
    "install": ("Install the server", "Установить сервер"),
    # questions
    "ask_servers": (
        "Address (host, host:port, *LOCAL for this computer, *AUTO to search; several with commas)",
        "Адрес (узел, узел:порт, *LOCAL — этот компьютер, *AUTO — поиск; несколько через запятую)",
    ),
    "wrong_address": (
        "That is no address. Examples: branch.example.org, 192.0.2.10:15200, *LOCAL, *AUTO.",
        "Это не адрес. Примеры: branch.example.org, 192.0.2.10:15200, *LOCAL, *AUTO.",
    ),
    "ask_way": (
        "How? 1: over the internet, 2: make a request file for the center, 3: load the center's answer",
        "Как? 1 — через интернет, 2 — создать файл запроса в центр, 3 — загрузить ответ центра",
    ),
    "ask_way_of_key": (
        "How? 1: over the internet, 2: make a request file for the center, 3: load the center's answer,"
        " 4: show the code to tell the center by telephone, 5: type the blocks that it answered",
        "Как? 1 — через интернет, 2 — создать файл запроса в центр, 3 — загрузить ответ центра,"
        " 4 — показать код, чтобы сообщить его центру по телефону, 5 — ввести блоки цифр ответа",
    ),
    "ask_blocks": ("Three blocks of digits", "Три блока цифр"),
    "ask_output": ("Where to write the request, a file or a folder", "Куда записать запрос, файл или папка"),
    "ask_answer": ("The center's answer, a file", "Ответ центра, файл"),
    "ask_key_number": ("Key number", "Номер ключа"),
    "ask_pin": ("PIN (not shown)", "Пин-код (не отображается)"),
    "ask_kit": ("The vendor's kit, a file", "Комплект поставщика, файл"),
    "ask_company": ("Company", "Организация"),
    "ask_tax_id": ("Taxpayer number", "ИНН"),
    "ask_address": ("Postal address", "Почтовый адрес"),
    "ask_phone": ("Telephone", "Телефон"),
    "ask_email": ("E-mail", "Электронная почта"),
    "ask_reactivate": (
        "Activate again a key that stopped working here? It spends another PIN (y/n)",
        "Повторно активировать ключ, который перестал здесь работать? Расходует ещё один пин-код (д/н)",
    ),
    "ask_pack": ("Id of the pack", "Идентификатор пакета"),
    "ask_password": ("Password of the pack (not shown)", "Пароль пакета (не отображается)"),
    "ask_product": ("Product, as its licenses name it", "Программа, как она названа в лицензии"),
    "ask_file": ("File to write", "Файл для записи"),
    "ask_source": ("Saved distribution, a file", "Сохранённый дистрибутив, файл"),
    "ask_network": ("Serve other computers of the network too? (y/n)", "Обслуживать и другие компьютеры сети? (д/н)"),
    # answers
    "server_set": (
        "Products on this computer look for their server at: {servers} ({path}).",
        "Программы на этом компьютере ищут сервер здесь: {servers} ({path}).",
    ),
    "key_activated": (
        "The key {key_number} of {product} is active. Licenses: {limits}.",
        "Ключ {key_number} программы {product} активирован. Лицензии: {limits}.",
    ),
    "key_was_active": (
        "The key {key_number} of {product} was active already. Licenses: {limits}.",
        "Ключ {key_number} программы {product} уже был активен. Лицензии: {limits}.",
    ),
    "pack_activated": (
        "The pack is active. Licenses of the key {key_number} now: {limits}.",
        "Пакет активирован. Теперь лицензий ключа {key_number}: {limits}.",
    ),
    "pack_was_active": (
        "The pack was active already. Licenses of the key {key_number}: {limits}.",
        "Пакет уже был активирован. Лицензий ключа {key_number}: {limits}.",
    ),
    "request_made": (
        "The request lies in {file}. Carry it to {url}, and load the answer here, on this computer: this command, 3.",
        "Запрос записан в {file}. Отнесите его на {url} и загрузите ответ на этом же компьютере: эта команда, 3.",
    ),
    "request_made_mail": (
        "The request lies in {file}. Carry it to {url} or mail it to {mail},"
        " and load the answer here, on this computer: this command, 3.",
        "Запрос записан в {file}. Отнесите его на {url} или отправьте на {mail}"
        " и загрузите ответ на этом же компьютере: эта команда, 3.",
    ),
    "request_of_before": (
        "It was made before, with the PIN or password that was given then. If that was refused: licctl key request"
        " --anew (for a pack: licctl pack request --anew) makes a new one.",
        "Он создан раньше, с пин-кодом или паролем, введённым тогда. Если тот был отклонён, новый запрос создаёт"
        " команда licctl key request --anew (для пакета: licctl pack request --anew).",
    ),
    "call": (
        "Call {number}, and say the key number {key_number}, the PIN, and the request code {code}."
        " Then type the answer here, on this computer: this command, 5.",
        "Позвоните по телефону {number} и сообщите номер ключа {key_number}, пин-код и код запроса {code}."
        " Затем введите ответ на этом же компьютере: эта команда, 5.",
    ),
    "call_vendor": (
        "Call the vendor, and say the key number {key_number}, the PIN, and the request code {code}."
        " Then type the answer here, on this computer: this command, 5.",
        "Позвоните поставщику и сообщите номер ключа {key_number}, пин-код и код запроса {code}."
        " Затем введите ответ на этом же компьютере: эта команда, 5.",
    ),
    "nothing_to_ask_for": (
        "There is nothing to ask for: it is active already.",
        "Запрашивать нечего: уже активировано.",
    ),
    "server_found": (
        "The license server {name} answers at {address}.",
        "Сервер лицензирования {name} отвечает по адресу {address}.",
    ),
    "no_server_found": (
        "No license server was found. Command 1 sets where to look; `licctl doctor` looks for the cause.",
        "Сервер лицензирования не найден. Команда 1 задаёт, где искать; `licctl doctor` ищет причину.",
    ),
    "license_is": (
        "Product:   {product_name} ({product}), {vendor}\nKey:       {key_number}, on {server}\nLicenses:  {counters};"
        " this computer gets one of {counter}\nIssued:    {issued} {company}\nExpires:   {expires}",
        "Программа: {product_name} ({product}), {vendor}\nКлюч:      {key_number}, на {server}\nЛицензии:  {counters};"
        " этот компьютер получает {counter}\nВыдана:    {issued} {company}\nИстекает:  {expires}",
    ),
    "saved": (
        "The distribution of release {version} lies in {path}. README.txt in it says how to install it elsewhere.",
        "Дистрибутив выпуска {version} сохранён в {path}. Как его установить, сказано в README.txt внутри.",
    ),
    "administrator_needed": (
        "Installing the server needs administrator rights.",
        "Для установки сервера нужны права администратора.",
    ),
    "installed": (
        "Release {version} of the license server is installed and serves.",
        "Сервер лицензирования, выпуск {version}, установлен и работает.",
    ),
    "was_installed": (
        "Release {version} of the license server was installed and served already.",
        "Сервер лицензирования, выпуск {version}, уже был установлен и работал.",
    ),
    # refusals; what the command itself said follows
    "error": ("Not done. {message}", "Не выполнено. {message}"),
    "error_http_error": (
        "The running server does not know this command: it is of an older release. Upgrade and restart it.",
        "Работающий сервер не знает этой команды: он более старого выпуска. Обновите и перезапустите его.",
    ),
}

_RUSSIAN_ERRORS: Mapping[str, str] = {
    "already_activated": "Ключ уже активирован, и повторная активация для этой программы запрещена.",
    "bad_answer": "Это не ответ на запрос этого сервера.",
    "bad_block": "Блок цифр расслышан или введён неверно. Попросите повторить его.",
    "bad_code": "Введите три блока по восемь цифр в том порядке, в котором их назвали.",
    "bad_distribution": "Это не целый дистрибутив сервера. Сохраните и скопируйте его ещё раз.",
    "bad_kit": "Файл комплекта поставщика не найден или повреждён. Укажите файл, поставленный с программой.",
    "center_unreachable": "Центр лицензирования недоступен. Проверьте доступ в интернет с этого компьютера.",
    "file_exists": "Такой файл уже есть. Укажите другой.",
    "forbidden": "Нужны права администратора.",
    "foreign_distribution": "Этот дистрибутив для другой системы.",
    "key_expired": "Срок действия ключа истёк. Обратитесь к поставщику.",
    "no_free_license": "Все лицензии заняты.",
    "foreign_answer": "Ни один запрос этого сервера не ждёт такого ответа.",
    "no_key": "Ни один ключ сервера не подходит этой программе и этому клиенту. Проверьте код доступа и адрес.",
    "no_server": "Сервер лицензирования не найден. Укажите его адрес командой 1.",
    "no_systemd": "На этом компьютере нет systemd, сервер некому запускать.",
    "no_ticket": "Комплект поставщика не позволяет активировать этот ключ по телефону.",
    "older_server": "Здесь есть сервер защиты старого поколения. Остановите и отключите его, закройте его программы.",
    "other_computer": "Этот ключ активирован на другом компьютере.",
    "pin_spent": "Этот пин-код уже использован. Введите следующий.",
    "pins_exhausted": "Пин-коды ключа израсходованы. Обратитесь в линию поддержки.",
    "port_taken": "Порт сервера занят другой программой, возможно, старым сервером защиты. Остановите её.",
    "reactivation_needed": "Ключ здесь уже есть, но не работает. Вернитесь назад и выберите повторную активацию.",
    "server_not_running": "Сервер лицензирования на этом компьютере не запущен. Запустите его службу.",
    "unknown_key": "Такого ключа нет. Проверьте номер.",
    "write_failed": "Файл не удалось записать. Проверьте папку, права и свободное место.",
    "wrong_pin": "Неверный пин-код.",
}
"""What a refusal means, by its code; what the command said follows in its own words, with the particulars."""


class Texts:
    """The texts in one language."""

    def __init__(self, language: str) -> None:
        self._column = LANGUAGES.index(language)

    def say(self, name: str, /, **fields: object) -> str:
        """A text with its fields filled in."""
        return _TEXTS[name][self._column].format(**fields)

    def error(self, error: Mapping[str, Any]) -> str:
        """A refusal in words that an administrator can act on."""
        code, said = error["code"], ". ".join(part for part in (error["message"], error["hint"]) if part)
        if code == "http_error":
            return self.say("error", message=f"{self.say('error_http_error')} ({said})")
        if LANGUAGES[self._column] == "ru" and code in _RUSSIAN_ERRORS:
            return self.say("error", message=f"{_RUSSIAN_ERRORS[code]} ({said})")
        return self.say("error", message=said)


def language_of(environment: Mapping[str, str]) -> str:
    """The language of whoever runs this: that of the environment, or where it says nothing, of the system."""
    named = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), None)
    name = named or locale.getlocale()[0] or ""
    return "ru" if name.casefold().startswith("ru") else "en"
