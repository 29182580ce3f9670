// The console's only script. Pages work without it but for the wall, which then stands still and says so.
"use strict";

// ── the wall: takes what the station draws; says when it no longer hears from it
const live = document.getElementById("live");
if (live) {
  const lost = document.getElementById("lost");
  let heard = Date.now();
  let calls = callsOf();
  const listen = () => {
    const source = new EventSource(live.dataset.from);
    // A browser gives up on an answer that is no stream; the wall does not.
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
    });
    source.addEventListener("wall", (event) => {
      heard = Date.now();
      lost.hidden = true;
      document.documentElement.classList.remove("stale");
      live.innerHTML = event.data;
      const now = callsOf();
      if (now > calls) sound();
      calls = now;
    });
    source.addEventListener("beat", () => {
      heard = Date.now();
      lost.hidden = true;
      document.documentElement.classList.remove("stale");
    });
  };
  listen();
  // The station sends a beat every two seconds; what is older than six is said to be old.
  setInterval(() => {
    if (Date.now() - heard < 6000) return;
    // In the station's time, whatever zone the browser is set to.
    const at = new Date(heard + Number(lost.dataset.east) * 60000).toISOString().slice(0, 19).replace("T", " ");
    lost.textContent = `${lost.dataset.text} ${at}`;
    lost.hidden = false;
    document.documentElement.classList.add("stale");
  }, 1000);
}

function callsOf() {
  return Number(live.querySelector("[data-calls]")?.dataset.calls ?? 0);
}

// ── a sound when a bay calls for somebody; off until somebody switches it on, since a browser wants a touch first
const button = document.getElementById("sound");
let speaker = null;
if (button) {
  const show = () => {
    button.textContent = speaker ? button.dataset.on : button.dataset.off;
    button.setAttribute("aria-pressed", speaker ? "true" : "false");
  };
  button.addEventListener("click", () => {
    if (speaker) {
      speaker.close();
      speaker = null;
    } else {
      speaker = new AudioContext();
      sound();
    }
    show();
  });
  show();
}

function sound() {
  if (!speaker) return;
  const [tone, loud] = [speaker.createOscillator(), speaker.createGain()];
  tone.frequency.value = 880;
  loud.gain.setValueAtTime(0.2, speaker.currentTime);
  loud.gain.exponentialRampToValueAtTime(0.001, speaker.currentTime + 0.6);
  tone.connect(loud).connect(speaker.destination);
  tone.start();
  tone.stop(speaker.currentTime + 0.6);
}

// ── a list that is looked at again, without losing where somebody's finger or focus is
const typed = () => [...document.querySelectorAll("main input, main textarea")].some((one) => one.value !== one.defaultValue);
for (const list of document.querySelectorAll("[data-again]")) {
  setInterval(async () => {
    const answer = await fetch(location.href).catch(() => null);
    if (!answer?.ok) return;
    const text = await answer.text().catch(() => "");
    const drawn = new DOMParser().parseFromString(text, "text/html").querySelector("[data-again]");
    if (drawn && drawn.innerHTML !== list.innerHTML) list.innerHTML = drawn.innerHTML;
    // What went on is over: the page has its outcome. Whoever is typing loads it themself.
    if (!drawn && !typed()) location.reload();
  }, Number(list.dataset.again) * 1000);
}

// ── the kiosk: keys to touch, a reader of cards that types, and it forgets who stood there
for (const pad of document.querySelectorAll(".keypad")) {
  const fields = [...pad.closest("form").querySelectorAll("[data-keys]")];
  let field = fields.find((one) => one.autofocus) ?? fields[0];
  for (const one of fields) one.addEventListener("focus", () => { field = one; });
  pad.hidden = false;
  for (const key of pad.querySelectorAll('[data-key="next"]')) key.hidden = fields.length < 2;
  const next = () => { field = fields[(fields.indexOf(field) + 1) % fields.length]; field.focus(); };
  // A card reader ends with Enter: its number is a name, the PIN follows.
  for (const one of fields) {
    one.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || one.type === "password" || fields.at(-1).value !== "") return;
      event.preventDefault();
      next();
    });
  }
  const deal = {
    clear: () => { field.value = ""; },
    erase: () => { field.value = field.value.slice(0, -1); },
    next,
    letters: () => { for (const keys of pad.querySelectorAll(".digits, .letters")) keys.hidden = !keys.hidden; },
    shift: () => {
      for (const key of pad.querySelectorAll(".letters [data-key]")) {
        if (key.dataset.key.length > 1) continue;
        const upper = key.dataset.key.toUpperCase();
        key.dataset.key = key.dataset.key === upper ? upper.toLowerCase() : upper;
        key.textContent = key.dataset.key;
      }
    },
  };
  pad.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (key === undefined) return;
    if (deal[key]) deal[key]();
    else if (field.value.length < 64) field.value += key;
  });
}
// A page of whoever is signed in.
const mine = document.querySelector('form[action="/sign-out"]');
// What a form came to is what a reader hears first.
document.querySelector("[data-told]")?.focus({ preventScroll: false });
const all = document.querySelector("[data-tick-all]");
if (all) {
  all.hidden = false;
  all.addEventListener("click", () => { for (const box of all.form.querySelectorAll(".ticks input")) box.checked = true; });
}
const paper = document.querySelector("[data-print]");
if (paper) {
  paper.hidden = false;
  paper.addEventListener("click", () => window.print());
}
// ── a sheet goes to the station as it is; what is wrong with it is another page
for (const form of document.querySelectorAll("[data-sheet]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = form.querySelector(".said");
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const answer = await fetch(form.dataset.sheet, {
        method: "POST",
        body: form.elements.file.files[0],
        headers: { "Content-Type": "application/octet-stream", "X-Form-Token": form.dataset.token ?? "" },
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(text);
      location.assign(text);
    } catch (error) {
      said.textContent = `✕ ${error.message}`;
      said.hidden = false;
      button.disabled = false;
    }
  });
}
const idle = document.querySelector("[data-idle]");
if (idle) {
  let timer = 0;
  const restart = () => {
    clearTimeout(timer);
    // Who comes next finds it in the station's own language.
    const home = document.documentElement.lang.startsWith("zh") ? "/kiosk" : "/language?to=zh&back=/kiosk";
    timer = setTimeout(() => location.replace(home), Number(idle.dataset.idle) * 1000);
  };
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, restart);
  restart();
}
// ── a page of whoever is signed in goes when the session does: this asks no page of the desk, so that it keeps none alive
let unheard = 0;
const look = async () => {
  const answer = await fetch("/sign-in", { redirect: "manual" }).catch(() => null);
  // Whoever is signed in is led on from there.
  unheard = answer ? 0 : unheard + 1;
  if (answer ? answer.type === "opaqueredirect" || !answer.ok : unheard < 30) return;
  location.replace(`/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`);
};
if (mine) setInterval(look, 20000);
// Whoever comes by *back* to a screen that was left finds no number and no letter of a PIN.
window.addEventListener("pageshow", (event) => {
  if (event.persisted && idle) location.replace("/kiosk");
  if (event.persisted && mine) look();
});
