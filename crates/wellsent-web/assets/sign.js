// The check-in screen's comforts. Everything works without this file: there is a field to type the code into, a field to type one's name
// into, and a page that goes back to the start by itself.
//
//   [data-keypad]   a number pad that types into the field whose id it names
//   [data-draw]     a canvas to sign on; the lines go into [data-path] as "M12 40L13 44", in a field 600 wide and 200 high
//   [data-idle]     seconds without an act after which the screen goes to data-idle-to; before that it asks
//   [data-print]    prints the page

"use strict";

(() => {
  const show = (element) => { if (element) element.hidden = false; };

  function keypad(pad) {
    const field = document.getElementById(pad.dataset.keypad);
    const said = pad.querySelector("[data-said]");
    if (!field) return;
    const digits = () => field.value.replace(/\D/g, "");
    const put = (value) => {
      field.value = value.slice(0, 6);
      said.textContent = pad.dataset.count.replace("{}", String(field.value.length));
    };
    pad.addEventListener("click", (event) => {
      const key = event.target.closest("button");
      if (!key) return;
      if (key.dataset.digit) put(digits() + key.dataset.digit);
      else if ("clear" in key.dataset) put("");
      else put(digits().slice(0, -1));
    });
    // The pad takes the place of the tablet's own keyboard.
    field.inputMode = "none";
    show(pad);
  }

  function signature(box) {
    const canvas = box.querySelector("canvas");
    const field = document.querySelector("[data-path]");
    const pen = canvas.getContext && canvas.getContext("2d");
    if (!pen || !field || !window.PointerEvent) return;
    const longest = Number(field.dataset.pathMax);
    const ink = () => getComputedStyle(canvas).color;
    let last = null;

    function place(event) {
      const frame = canvas.getBoundingClientRect();
      const clamp = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
      const x = clamp(((event.clientX - frame.left) / frame.width) * 600, 600);
      const y = clamp(((event.clientY - frame.top) / frame.height) * 200, 200);
      return { x, y };
    }

    function line(from, to) {
      pen.strokeStyle = ink();
      pen.lineWidth = 3;
      pen.lineCap = "round";
      pen.lineJoin = "round";
      pen.beginPath();
      pen.moveTo(from.x, from.y);
      pen.lineTo(to.x, to.y);
      pen.stroke();
    }

    function add(letter, point) {
      const piece = `${letter}${point.x} ${point.y}`;
      if (field.value.length + piece.length > longest) return false;
      field.value += piece;
      return true;
    }

    function redraw() {
      pen.clearRect(0, 0, canvas.width, canvas.height);
      let from = null;
      for (const [, letter, x, y] of field.value.matchAll(/([ML])(\d+) (\d+)/g)) {
        const to = { x: Number(x), y: Number(y) };
        if (letter === "L" && from) line(from, to);
        from = to;
      }
    }

    canvas.addEventListener("pointerdown", (event) => {
      if (event.button > 0 || last) return;
      event.preventDefault();
      if (canvas.setPointerCapture) canvas.setPointerCapture(event.pointerId);
      const point = place(event);
      if (add("M", point)) last = { ...point, id: event.pointerId };
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!last || event.pointerId !== last.id) return;
      const point = place(event);
      if (Math.abs(point.x - last.x) + Math.abs(point.y - last.y) < 3) return;
      if (!add("L", point)) return;
      line(last, point);
      last = { ...point, id: last.id };
    });
    const lift = (event) => { if (last && event.pointerId === last.id) last = null; };
    canvas.addEventListener("pointerup", lift);
    canvas.addEventListener("pointercancel", lift);
    box.querySelector("[data-draw-clear]").addEventListener("click", () => { field.value = ""; redraw(); });

    redraw();
    show(box);
    show(document.querySelector("[data-with-draw]"));
    document.querySelectorAll("[data-without-draw]").forEach((words) => { words.hidden = true; });
  }

  function idle(body) {
    const whole = Number(body.dataset.idle) * 1000;
    const ask = whole - Number(body.dataset.idleAsk) * 1000;
    const dialog = document.getElementById("idle");
    let since = Date.now();
    let leaving = false;
    const act = () => {
      if (dialog && dialog.open) return;
      since = Date.now();
    };
    const stay = () => {
      since = Date.now();
      if (dialog && dialog.open) dialog.close ? dialog.close() : dialog.removeAttribute("open");
    };
    ["pointerdown", "keydown", "input", "scroll"].forEach((kind) => addEventListener(kind, act, { passive: true, capture: true }));
    if (dialog) {
      dialog.querySelector("[data-idle-stay]").addEventListener("click", stay);
      dialog.addEventListener("close", () => { since = Date.now(); });
    }
    // By the clock and not by counting: a tablet that slept has slept past the limit.
    setInterval(() => {
      const quiet = Date.now() - since;
      if (quiet >= whole && !leaving) {
        leaving = true;
        location.replace(body.dataset.idleTo);
      } else if (quiet >= ask && dialog && !dialog.open) {
        dialog.showModal ? dialog.showModal() : dialog.setAttribute("open", "");
      }
    }, 1000);
  }

  document.querySelectorAll("[data-keypad]").forEach(keypad);
  document.querySelectorAll("[data-draw]").forEach(signature);
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.addEventListener("click", () => window.print());
    show(button);
  });
  if (document.body.dataset.idle) idle(document.body);

  // A page that comes back from the browser's memory is asked for anew: it may be somebody else's turn.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
