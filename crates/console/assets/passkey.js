// Passkeys in the place of PINs. Pages work without it, by PIN. It asks the station what it may offer; what an authenticator signs
// is bound to the whole form by the station, and what it gave is good for that form alone.
"use strict";

(async () => {
  const isPinForm = (form) => form.elements.pin && !["own-pin", "set-pin", "add-passkey"].includes(form.elements.act?.value);
  const forms = [...document.querySelectorAll('form[method="post"]')].filter(isPinForm);
  const adding = document.querySelector('#add-passkey form');
  if (!forms.length && !adding) return;
  const told = await fetch("/passkey/state", { cache: "no-store" }).catch(() => null);
  if (!told?.ok) return;
  // A page that is left while it asks has nobody to tell.
  const state = await told.json().catch(() => null);
  if (!state?.on) return;
  const { words } = state;
  const path = (form) => new URL(form.action).pathname;
  const saysWho = (form) => ["/sign-in", "/kiosk/who", "/kiosk/confirm"].includes(path(form));

  // ── bytes as the station writes them
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const named = (all) => (all ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

  const send = async (to, body) => {
    const answer = await fetch(to, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error((await answer.text()).trim());
    return answer.json();
  };
  const written = (credential) => {
    const { response } = credential;
    const parts = response.attestationObject
      ? { attestationObject: text(response.attestationObject) }
      : {
        authenticatorData: text(response.authenticatorData),
        signature: text(response.signature),
        userHandle: response.userHandle ? text(response.userHandle) : null,
      };
    parts.clientDataJSON = text(response.clientDataJSON);
    return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: parts, extensions: {} };
  };

  const say = (form, line, bad) => {
    let said = form.querySelector(".passkey-said");
    if (!said) {
      said = document.createElement("p");
      said.setAttribute("role", "status");
      (form.elements.pin.closest("label") ?? form.lastElementChild).after(said);
    }
    said.className = `passkey-said said whole ${bad ? "bad" : ""}`;
    said.textContent = line;
    said.hidden = !line;
  };
  const failed = (form, error) => {
    const ours = !(error instanceof DOMException);
    say(form, `✕ ${ours ? error.message : words.gone}`, true);
  };
  const able = window.PublicKeyCredential && navigator.credentials;

  // ── a page by an address of numbers, or a browser without: said once, where somebody would look for it
  if (!state.here || !able) {
    const first = adding ?? forms.find(saysWho);
    if (!first) return;
    const hint = document.createElement("p");
    hint.className = "quiet passkey-hint";
    // At the kiosk an address means nothing to whoever stands there.
    if (document.documentElement.classList.contains("kiosk")) return;
    if (state.here) hint.textContent = words.none;
    if (!state.here && state.named) {
      const link = document.createElement("a");
      link.href = new URL(location.pathname + location.search.replace(/[?&]said=[^&]*/, ""), state.named).href;
      link.textContent = words.needs;
      hint.append(link);
    }
    if (state.here || state.named) (first.querySelector("button.main") ?? first.lastElementChild).after(hint);
    if (adding) for (const one of adding.querySelectorAll("button")) one.disabled = true;
    return;
  }

  // A kiosk forgets whoever touches nothing; whoever touches their authenticator touches nothing of the page.
  const awaited = async (answer) => {
    const touch = setInterval(() => document.dispatchEvent(new Event("pointerdown")), 5000);
    try {
      return await answer;
    } finally {
      clearInterval(touch);
    }
  };

  // ── a new key: the PIN goes to the station, then the authenticator is asked
  adding?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { token, label, pin } = adding.elements;
    const button = adding.querySelector("button");
    button.disabled = true;
    say(adding, words.wait);
    try {
      const { ceremony, asked } = await send("/passkey/make", { token: token.value, label: label.value, pin: pin.value });
      pin.value = "";
      const publicKey = {
        ...asked,
        challenge: bytes(asked.challenge),
        user: { ...asked.user, id: bytes(asked.user.id) },
        excludeCredentials: named(asked.excludeCredentials),
      };
      const credential = await navigator.credentials.create({ publicKey });
      const { to } = await send("/passkey/made", { token: token.value, ceremony, answer: written(credential) });
      location.assign(to);
    } catch (error) {
      failed(adding, error);
      button.disabled = false;
    }
  });

  // ── a form: what would be sent is what is signed
  const lines = (value) => value.replace(/\r\n?|\n/g, "\r\n");
  const signed = async (form, submitter) => {
    const pin = form.elements.pin;
    const fields = [...new FormData(form, submitter)].filter(([name]) => name !== "pin")
      .map(([name, value]) => [name, lines(value)]);
    const token = form.elements.token?.value ?? "";
    say(form, words.wait);
    const { ceremony, asked } = await send("/passkey/ask", { token, form: path(form), fields });
    const publicKey = { ...asked, challenge: bytes(asked.challenge), allowCredentials: named(asked.allowCredentials) };
    const credential = await awaited(navigator.credentials.get({ publicKey }));
    const { pass, person } = await send("/passkey/answer", { token, ceremony, answer: written(credential) });
    if (saysWho(form) && !form.elements.person.value) form.elements.person.value = person;
    pin.value = pass;
    form.dataset.signed = "yes";
    form.requestSubmit(submitter);
  };

  const offer = (form) => {
    const pin = form.elements.pin;
    const field = pin.closest("label");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "passkey";
    button.textContent = words.use;
    const submitters = [...form.querySelectorAll('button[type="submit"]:not(.guard)')];
    const needed = [pin, ...(saysWho(form) ? [form.elements.person] : [])];
    let byPasskey = false;
    const choose = (on) => {
      byPasskey = on;
      field.hidden = on;
      for (const one of needed) one.required = !on;
      button.textContent = on ? words.pin : words.use;
      say(form, on ? words.then : "");
    };
    const go = async (submitter) => {
      if (!form.reportValidity()) return;
      for (const one of [button, ...submitters]) one.disabled = true;
      // A disabled button sends nothing; what it says is read before.
      submitter.disabled = false;
      try {
        await signed(form, submitter);
      } catch (error) {
        choose(false);
        failed(form, error);
        pin.value = "";
        delete form.dataset.signed;
        for (const one of [button, ...submitters]) one.disabled = false;
      }
    };
    button.addEventListener("click", () => {
      if (submitters.length > 1) choose(!byPasskey);
      else {
        choose(true);
        go(submitters[0]);
      }
    });
    form.addEventListener("submit", (event) => {
      if (!byPasskey || form.dataset.signed) return;
      event.preventDefault();
      go(event.submitter ?? submitters[0]);
    });
    // At the kiosk a reason is touched after it; at the desk the decision stands before it.
    if (submitters.length > 1) (path(form).startsWith("/kiosk/") ? field : submitters.at(-1)).after(button);
    else submitters[0].after(button);
  };
  for (const form of forms) {
    // At the kiosk a clerk may sign, and whoever stands there: either may have one.
    const has = saysWho(form) || form.elements.clerk || (path(form).startsWith("/kiosk/") ? state.kiosk : state.desk);
    if (has) offer(form);
  }
  // Whoever comes back to the page finds no pass in it.
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
