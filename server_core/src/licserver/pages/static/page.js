// SPDX-FileCopyrightText: 2026 The protect.licensing contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// What is better with a script: times by the reader's clock, times that pass, and pages that stay up to date.
// Every page is complete without it.
"use strict";
(() => {
  const language = document.documentElement.lang;
  const written = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const exact = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });

  function passed(seconds) {
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(seconds / 3600);
    return `${hours}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  }

  // What every element with a time shows now; the server's clock counts, not that of this computer.
  function tellTimes(root, ahead) {
    for (const time of root.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      const since = time.classList.contains("since");
      const text = since ? passed(Math.max(0, Math.floor((Date.now() + ahead - at) / 1000))) : written.format(at);
      if (time.textContent !== text) time.textContent = text;
      if (!time.title) time.title = exact.format(at);
    }
    for (const said of root.querySelectorAll("[data-at]")) {
      const text = `${written.format(new Date(said.dataset.at * 1000))}: ${said.dataset.what}`;
      if (said.textContent !== text) said.textContent = text;
    }
  }

  // Make one element like another, touching only what differs: focus, selection and scrolling stay.
  function follow(old, fresh) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.data !== fresh.data) old.data = fresh.data;
      return;
    }
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    const named = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
    const wanted = new Set([...fresh.children].map((child) => child.id).filter(Boolean));
    let place = old.firstChild;
    for (const child of [...fresh.childNodes]) {
      while (place && place.id && !wanted.has(place.id)) {
        const gone = place;
        place = place.nextSibling;
        gone.remove();
      }
      const same = child.id ? named.get(child.id) : place && !place.id && place.nodeName === child.nodeName ? place : null;
      if (!same) {
        old.insertBefore(child, place);
      } else {
        if (same === place) place = place.nextSibling;
        else old.insertBefore(same, place);
        follow(same, child);
      }
    }
    while (place) {
      const gone = place;
      place = place.nextSibling;
      gone.remove();
    }
  }

  const live = document.querySelector("[data-live]");
  let ahead = live ? Number(live.dataset.now) * 1000 - Date.now() : 0;
  tellTimes(document, ahead);
  if (document.querySelector("time.since")) setInterval(() => tellTimes(live || document, ahead), 1000);

  function show(text) {
    const fresh = document.createElement("div");
    fresh.innerHTML = text;
    const part = fresh.firstElementChild;
    ahead = Number(part.dataset.now) * 1000 - Date.now();
    tellTimes(part, ahead);
    follow(live, part);
  }

  if (live) {
    let source = null;
    let again = 0;
    let later = false;
    const listen = () => {
      clearTimeout(again);
      source?.close();
      source = null;
      if (document.hidden) return; // a browser has few connections to one server for all of its pages
      source = new EventSource(live.dataset.live);
      source.onmessage = (message) => {
        document.body.classList.remove("away");
        show(JSON.parse(message.data));
      };
      source.addEventListener("later", () => {
        later = true; // the server ends the stream, and expects to be asked again
      });
      source.addEventListener("signed-out", () => {
        source.close();
        location.reload(); // which leads to where one signs in, and back here
      });
      source.onerror = () => {
        if (!later) document.body.classList.add("away");
        later = false;
        if (source.readyState === EventSource.CLOSED) again = setTimeout(listen, 10000);
      };
    };
    document.addEventListener("visibilitychange", listen);
    addEventListener("pagehide", () => source?.close());
    addEventListener("pageshow", (event) => event.persisted && listen());
    listen();
  }

  // Days that are looked for are days of the reader: their first moments go along with them.
  const beginOf = (day, later) => {
    const [year, month, date] = day.split("-").map(Number);
    return day && new Date(year, month - 1, date + later).getTime() / 1000;
  };
  for (const form of document.forms) {
    form.addEventListener("submit", () => {
      for (const one of form.querySelectorAll("[data-begin-of]")) one.value = beginOf(form[one.dataset.beginOf].value, 0);
      for (const one of form.querySelectorAll("[data-end-of]")) one.value = beginOf(form[one.dataset.endOf].value, 1);
    });
  }

  // CRC-32 (ISO 3309) of a text in ASCII, as the head of an update has it.
  function checksum(text) {
    let crc = -1;
    for (const character of text) {
      crc ^= character.charCodeAt(0);
      for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return (~crc >>> 0).toString(16).padStart(8, "0");
  }

  // An update of a hardware key is sent whole or not at all.
  const update = document.querySelector("form[data-update]");
  update?.addEventListener("submit", (event) => {
    const field = update.querySelector("textarea");
    const problem = update.querySelector("[role=alert]");
    const block = /-----BEGIN PROTECT UPDATE-----([^-][^]*?)-----END PROTECT UPDATE-----/.exec(field.value);
    const head = /^Checksum:[ \t]*([0-9a-f]{8})[ \t]*$/im.exec(field.value);
    const fits = block && head && checksum(block[1].replace(/\s/g, "")) === head[1].toLowerCase();
    problem.textContent = fits ? "" : block ? problem.dataset.cut : problem.dataset.none;
    if (fits) field.removeAttribute("aria-invalid");
    else field.setAttribute("aria-invalid", "true");
    if (fits) return;
    event.preventDefault();
    field.focus();
  });

  // While the server starts again: wait until it answers, then go on.
  const waiting = document.querySelector("[data-wait]");
  if (waiting) {
    const ask = async () => {
      try {
        const answer = await fetch("/functions/run", { cache: "no-store" });
        if (answer.ok && (await answer.text()) !== waiting.dataset.wait) return location.replace(waiting.dataset.then);
      } catch {
        // it is not there yet
      }
      return setTimeout(ask, 500);
    };
    ask();
  }
})();
