// Keeps an open page fresh. Everything works without this file: it only saves reloads.
//
// The server's events (text/event-stream from the address in body[data-live-from]):
//   fragment  HTML; each of its top-level elements replaces the element with the same id, if present
//   refresh   fetches this page again and replaces its live parts; data may name ids, space separated.
//             Such a fetch says X-Live: it is not an act of the person in front of the page, and keeps no session alive
//   announce  a sentence for screen readers
//
// A replaced part keeps focus, caret, scroll positions, opened details and what staff are typing.

"use strict";

const soon = (() => {
  let timer = 0;
  let wanted = new Set();
  return (ids) => {
    ids.length ? ids.forEach((id) => wanted.add(id)) : wanted.add("*");
    clearTimeout(timer);
    timer = setTimeout(() => {
      const only = wanted.has("*") ? null : wanted;
      wanted = new Set();
      refresh(only);
    }, 150);
  };
})();

function announce(sentence) {
  const place = document.getElementById("announcer");
  if (!place || !sentence) return;
  place.textContent = "";
  setTimeout(() => { place.textContent = sentence; }, 60);
}

// How to find the same control in the newer element: by id, else by what it links to or posts.
function trail(control, element) {
  if (control.id) return { selector: `#${CSS.escape(control.id)}`, place: 0 };
  const by = ["href", "name", "value"].find((name) => control.hasAttribute(name));
  if (!by) return null;
  const selector = `${control.localName}[${by}="${CSS.escape(control.getAttribute(by))}"]`;
  return { selector, place: [...element.querySelectorAll(selector)].indexOf(control) };
}

// What a person would miss if the element were simply replaced.
function remember(element) {
  const inside = (selector) => [...element.querySelectorAll(selector)].filter((found) => found.id);
  const active = document.activeElement;
  const held = active && active !== element && element.contains(active) ? trail(active, element) : null;
  return {
    focus: held && {
      ...held,
      from: "selectionStart" in active ? active.selectionStart : null,
      to: "selectionEnd" in active ? active.selectionEnd : null,
    },
    self: active === element,
    typed: [...element.querySelectorAll("input, textarea")]
      .filter((field) => field.type !== "hidden" && field.type !== "file")
      .filter((field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked)
      .map((field) => ({ ...trail(field, element), value: field.value, checked: field.checked })),
    open: inside("details").map((details) => ({ id: details.id, open: details.open })),
    scroll: [element, ...inside("[data-keep-end], .scroll")].filter((box) => box.id).map((box) => ({
      id: box.id,
      top: box.scrollTop,
      left: box.scrollLeft,
      atEnd: box.scrollHeight - box.scrollTop - box.clientHeight < 24,
    })),
  };
}

function recall(memory, newer) {
  const find = (id) => document.getElementById(id);
  for (const was of memory.open) {
    const details = find(was.id);
    if (details) details.open = was.open;
  }
  const again = (was) => was.selector && newer.querySelectorAll(was.selector)[was.place];
  for (const was of memory.typed) {
    const field = again(was);
    if (!field) continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = was.checked;
    else field.value = was.value;
  }
  for (const was of memory.scroll) {
    const box = find(was.id);
    if (!box) continue;
    box.scrollLeft = was.left;
    box.scrollTop = was.atEnd && box.hasAttribute("data-keep-end") ? box.scrollHeight : was.top;
  }
  if (memory.self) newer.focus({ preventScroll: true });
  if (memory.focus) {
    const field = again(memory.focus);
    if (field) {
      field.focus({ preventScroll: true });
      if (memory.focus.from !== null && field.setSelectionRange) {
        try { field.setSelectionRange(memory.focus.from, memory.focus.to); } catch { /* not a text field */ }
      }
    }
  }
}

// Replaces one element by a newer one with the same id.
function swap(newer) {
  const older = document.getElementById(newer.id);
  if (!older || older.isEqualNode(newer)) return;
  const memory = remember(older);
  const rows = newer.matches(".visit") ? [newer] : [...newer.querySelectorAll(".visit")];
  const fresh = rows.filter((row) => {
    const before = document.getElementById(row.id);
    return before && !before.isEqualNode(row);
  });
  older.replaceWith(newer);
  recall(memory, newer);
  fresh.forEach((row) => row.classList.add("is-fresh"));
}

// A row that glowed must compare equal to what the server renders next time.
document.addEventListener("animationend", (event) => {
  if (event.animationName !== "fresh") return;
  event.target.classList.remove("is-fresh");
});

function swapFragment(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  for (const element of [...holder.content.children]) if (element.id) swap(element);
}

function swapPage(page, only) {
  const parts = [...page.querySelectorAll("[data-live][id]")]
    .filter((part) => !only || only.has(part.id))
    .filter((part) => only || !part.parentElement.closest("[data-live][id]"));
  for (const part of parts) swap(document.adoptNode(part));
}

const parse = (html) => new DOMParser().parseFromString(html, "text/html");

async function refresh(only) {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html", "X-Live": "1" } });
    if (answer.redirected && new URL(answer.url).pathname !== location.pathname) return location.assign(answer.url);
    if (!answer.ok) return;
    const page = parse(await answer.text());
    // What was said about the last form stays until the next one.
    page.getElementById("flash")?.remove();
    // A part that holds something not yet sent waits for the person.
    for (const held of document.querySelectorAll("[data-held]")) page.getElementById(held.id)?.remove();
    swapPage(page, only);
  } catch { /* the next event or the reconnection tries again */ }
}

// The answer was a page of its own, such as an error page: say what it says.
function complain(heading) {
  const line = document.createElement("p");
  line.className = "flash tone-bad";
  line.textContent = heading ? heading.textContent : "That did not work.";
  document.getElementById("flash").replaceChildren(line);
  announce(line.textContent);
}

// Forms marked data-inline are sent without leaving the page when they lead back to it.
async function send(form, button) {
  const fields = new URLSearchParams(new FormData(form));
  if (button && button.name) fields.append(button.name, button.value);
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch((button && button.getAttribute("formaction")) || form.action, {
      method: "POST",
      body: fields,
      headers: { Accept: "text/html" },
    });
    const landed = new URL(answer.url);
    if (answer.redirected && landed.pathname !== location.pathname) return location.assign(answer.url);
    const page = parse(await answer.text());
    if (!page.querySelector("[data-live][id]")) return complain(page.querySelector("h1"));
    if (answer.ok) form.reset();
    swapPage(page, null);
    const flash = document.getElementById("flash");
    announce(flash ? flash.textContent.trim() : "");
    if (!document.activeElement || document.activeElement === document.body) {
      document.getElementById("main").focus({ preventScroll: true });
    }
  } catch {
    announce("The server cannot be reached. Nothing was sent; try again.");
  } finally {
    form.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-inline]")) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") !== "true") send(form, event.submitter);
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, textarea, select");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const field = [...document.querySelectorAll(".side input[type=search]")].find((one) => one.checkVisibility());
    if (field) { event.preventDefault(); field.focus(); }
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("[data-submit-on-enter]")) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
  if (event.key === "Escape") {
    const menu = document.getElementById("side-more");
    if (menu && menu.open) { menu.open = false; menu.querySelector("summary").focus(); }
  }
});

function toTheEnd() {
  for (const box of document.querySelectorAll("[data-keep-end]")) box.scrollTop = box.scrollHeight;
}

function listen() {
  const from = document.body.dataset.liveFrom;
  if (!from) return;
  const stream = new EventSource(from);
  let lost = false;
  stream.addEventListener("fragment", (event) => swapFragment(event.data));
  stream.addEventListener("refresh", (event) => soon(event.data.split(/\s+/).filter(Boolean)));
  stream.addEventListener("announce", (event) => announce(event.data));
  stream.addEventListener("open", () => { if (lost) { lost = false; soon([]); } });
  stream.addEventListener("error", () => {
    lost = true;
    // Turned away, not cut off: the session has ended, and the page leads to the door.
    if (stream.readyState === EventSource.CLOSED) soon([]);
  });
  addEventListener("pagehide", () => stream.close());
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}

toTheEnd();
listen();
