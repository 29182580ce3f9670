// Shows footage: asks for short marked pieces one after the other, keeps no more of them than it needs, and forgets all of
// them at once when the station says that the viewing has ended, or no longer says anything.
const viewer = document.getElementById("viewer");
const [film, still, tells, controls] = ["film", "still", "tells", "controls"].map((id) => document.getElementById(id));
const [position, clock, play, thumbs] = ["position", "clock", "play", "thumbs"].map((id) => document.getElementById(id));
const { base } = viewer.dataset;
const PIECE = Number(viewer.dataset.pieceMs) / 1000;
/** Seconds that are fetched ahead of what is shown, and kept behind it. */
const AHEAD = 4;
const BEHIND = 10;

let facts = null;
let source = null;
let buffer = null;
let over = false;
/** Pieces that are in the buffer, so far as it was not cleared of them. */
let have = new Set();
let fetching = null;

const say = (text) => {
  tells.textContent = text;
  tells.hidden = !text;
};

// ── what leaves the station is asked for here, and nowhere else
const ask = async (what, signal) => {
  const answer = await fetch(`${base}/${what}`, { cache: "no-store", credentials: "same-origin", signal });
  if (answer.status === 503) return null;
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer;
};

const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// ── the end: nothing that was shown stays in the page
const blank = (text) => {
  if (over) return;
  over = true;
  fetching?.abort();
  listener?.close();
  film.pause();
  const address = film.src;
  film.removeAttribute("src");
  film.load();
  if (address) URL.revokeObjectURL(address);
  source = null;
  buffer = null;
  have = new Set();
  for (const canvas of viewer.querySelectorAll("canvas")) canvas.width = 0;
  thumbs.replaceChildren();
  film.hidden = true;
  still.hidden = true;
  controls.hidden = true;
  if (document.fullscreenElement) document.exitFullscreen();
  document.getElementById("close").hidden = true;
  document.getElementById("again").hidden = false;
  viewer.classList.add("over");
  say(text);
};

const settled = () => new Promise((resolve, reject) => {
  buffer.addEventListener("updateend", resolve, { once: true });
  buffer.addEventListener("error", reject, { once: true });
});

const drop = async (from, to) => {
  if (!buffer || to <= from) return;
  buffer.remove(from, to);
  await settled();
};

// ── film: one piece after the other from where it is shown
const last = () => Math.ceil(facts.ms / 1000 / PIECE - 1e-6) - 1;

const wanted = () => {
  const here = Math.floor(film.currentTime / PIECE + 1e-6);
  const until = Math.min(last(), Math.floor((film.currentTime + AHEAD) / PIECE));
  for (let n = here; n <= until; n += 1) if (!have.has(n)) return n;
  return null;
};

const forget = async () => {
  const here = Math.floor((film.currentTime - BEHIND) / PIECE);
  for (const n of [...have]) {
    if (n < here || n * PIECE > film.currentTime + 3 * AHEAD) {
      have.delete(n);
      await drop(n * PIECE, (n + 1) * PIECE);
    }
  }
};

const bring = async (n) => {
  fetching = new AbortController();
  const answer = await ask(`piece/${n}`, fetching.signal);
  if (!answer) return wait(300);
  const bytes = await answer.arrayBuffer();
  if (over || !buffer) return undefined;
  buffer.timestampOffset = n * PIECE;
  // What a coder puts before and after its piece belongs to its neighbours.
  buffer.appendWindowStart = 0;
  buffer.appendWindowEnd = (n + 1) * PIECE + 0.05;
  buffer.appendWindowStart = n * PIECE;
  buffer.appendBuffer(bytes);
  await settled();
  have.add(n);
  say("");
  return undefined;
};

const keepUp = async () => {
  while (!over) {
    const n = wanted();
    try {
      if (n === null) await wait(60);
      else await bring(n);
      if (!over) await forget();
    } catch (e) {
      // Asked for another place meanwhile.
      if (e.name === "AbortError") continue;
      if (over) return;
      say(e.message);
      await wait(500);
    }
  }
};

// Between two pieces a browser may see a gap that is none: it is stepped over.
const overGap = () => {
  for (let n = 0; n < film.buffered.length; n += 1) {
    const begins = film.buffered.start(n);
    if (begins > film.currentTime && begins - film.currentTime < 0.5) {
      film.currentTime = begins + 0.001;
      return;
    }
  }
};

const showFilm = () => {
  const kind = `video/webm; codecs="${facts.sound ? "vp8,opus" : "vp8"}"`;
  if (!window.MediaSource?.isTypeSupported(kind)) {
    blank(viewer.dataset.cannot);
    return;
  }
  source = new MediaSource();
  film.src = URL.createObjectURL(source);
  film.hidden = false;
  source.addEventListener("sourceopen", () => {
    source.duration = facts.ms / 1000;
    buffer = source.addSourceBuffer(kind);
    keepUp();
  }, { once: true });
  position.max = String(facts.ms);
  controls.hidden = false;
  tick();
  film.volume = 0.8;
  film.addEventListener("waiting", overGap);
  film.addEventListener("stalled", overGap);
};

const draw = async (canvas, what) => {
  const answer = await ask(what);
  if (!answer) return false;
  const image = await createImageBitmap(await answer.blob());
  if (over) return true;
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext("2d").drawImage(image, 0, 0);
  image.close();
  return true;
};

const showStill = async () => {
  try {
    while (!over && !await draw(still, "piece/0")) await wait(300);
    if (!over) {
      still.hidden = false;
      say("");
    }
  } catch (e) {
    blank(e.message);
  }
};

// ── controls
const time = (seconds) => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, "0")}`;
const go = (seconds) => {
  const to = Math.min(Math.max(seconds, 0), facts.ms / 1000 - 0.001);
  film.currentTime = to;
  if (!have.has(Math.floor(to / PIECE))) fetching?.abort();
};
const toggle = () => (film.paused ? film.play() : film.pause());
const step = (frames) => {
  film.pause();
  // The middle of a frame, so that rounding shows its neighbour to nobody.
  const frame = Math.round(film.currentTime * facts.rate - 0.5) + frames;
  go((Math.max(frame, 0) + 0.5) / facts.rate);
};
const louder = (by) => {
  const volume = document.getElementById("volume");
  volume.value = String(Number(volume.value) + by);
  film.volume = Number(volume.value) / 100;
};
const full = () => (document.fullscreenElement ? document.exitFullscreen() : viewer.requestFullscreen());

const tick = () => {
  clock.textContent = `${time(film.currentTime)} / ${time(facts.ms / 1000)}`;
  position.value = String(Math.round(film.currentTime * 1000));
};
film.addEventListener("timeupdate", tick);
for (const kind of ["play", "pause", "ended"]) {
  film.addEventListener(kind, () => { play.textContent = film.paused ? viewer.dataset.play : viewer.dataset.pause; });
}
play.addEventListener("click", toggle);
position.addEventListener("input", () => go(Number(position.value) / 1000));
document.getElementById("back").addEventListener("click", () => step(-1));
document.getElementById("on").addEventListener("click", () => step(1));
document.getElementById("speed").addEventListener("change", (event) => { film.playbackRate = Number(event.target.value); });
document.getElementById("volume").addEventListener("input", (event) => { film.volume = Number(event.target.value) / 100; });
document.getElementById("full").addEventListener("click", full);
document.getElementById("small").addEventListener("click", async (event) => {
  const button = event.currentTarget;
  const show = thumbs.hidden;
  thumbs.hidden = !show;
  button.setAttribute("aria-expanded", String(show));
  if (!show || thumbs.childElementCount) return;
  const many = Number(viewer.dataset.thumbnails);
  for (let n = 0; n < many && !over; n += 1) {
    const at = facts.ms * n / many / 1000;
    const [small, canvas] = [document.createElement("button"), document.createElement("canvas")];
    small.type = "button";
    small.setAttribute("aria-label", time(at));
    small.append(canvas);
    small.addEventListener("click", () => go(at));
    thumbs.append(small);
    try {
      while (!over && !await draw(canvas, `thumb/${n}`)) await wait(300);
    } catch (e) {
      say(e.message);
      return;
    }
  }
});

const KEYS = {
  " ": toggle,
  ArrowLeft: (event) => (event.shiftKey ? go(film.currentTime - 10) : step(-1)),
  ArrowRight: (event) => (event.shiftKey ? go(film.currentTime + 10) : step(1)),
  ArrowUp: () => louder(5),
  ArrowDown: () => louder(-5),
  f: full,
  F: full,
};
document.addEventListener("keydown", (event) => {
  const typed = event.target.closest("button, select, input, a");
  if (over || controls.hidden || !KEYS[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
  if (typed && (event.key === " " || typed.matches("select, input"))) return;
  event.preventDefault();
  KEYS[event.key](event);
});
document.getElementById("screen").addEventListener("contextmenu", (event) => event.preventDefault());
document.getElementById("screen").addEventListener("dragstart", (event) => event.preventDefault());
film.addEventListener("click", toggle);

// ── what the station says of the viewing
let heard = Date.now();
let listener = null;
const stage = (now) => {
  if (now.stage === "ended") blank(`${now.why} ${viewer.dataset.ended}`);
  else if (now.stage === "proving") say(`${viewer.dataset.proving} ${now.percent} %`);
  else if (!facts) {
    facts = now;
    say(viewer.dataset.loading);
    // Sound has neither frames nor pictures to look at.
    for (const id of now.frames ? [] : ["back", "on", "small"]) document.getElementById(id).hidden = true;
    if (now.kind === "photograph") showStill();
    else showFilm();
  }
};
if (viewer.dataset.over) {
  blank(`${viewer.dataset.over} ${viewer.dataset.ended}`);
} else {
  say(viewer.dataset.loading);
  listener = new EventSource(`${base}/live`);
  listener.addEventListener("stage", (event) => {
    heard = Date.now();
    stage(JSON.parse(event.data));
  });
  listener.addEventListener("beat", () => { heard = Date.now(); });
  // Whoever does not answer may have ended it: no picture stays on trust.
  listener.addEventListener("error", () => blank(viewer.dataset.lost));
  setInterval(() => { if (Date.now() - heard > 5000) blank(viewer.dataset.lost); }, 250);
}
window.addEventListener("pagehide", () => blank(viewer.dataset.ended));
