// Signs in with a passkey, or adds one. A form with data-passkey says where to ask and carries the
// words for what can go wrong; it stays hidden where the browser knows no passkeys.
const RENEW_MS = 240000; // a challenge lives for five minutes
let waiting = null;

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=/g, "");

async function post(path, body = {}) {
  const type = "application/json";
  const headers = { Accept: type, "Content-Type": type };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const said = await answer.json();
  if (answer.ok) return said;
  if (said.needs) location.assign(`${said.needs}?return_to=${encodeURIComponent(location.pathname)}`);
  throw { words: Object.values(said.errors ?? {})[0] ?? said.detail };
}

async function used(form, mediation) {
  waiting?.abort();
  waiting = new AbortController();
  const { signal } = waiting;
  const { options } = await post(`${form.action}/options`);
  const publicKey = { ...options, challenge: bytes(options.challenge) };
  const { rawId, response } = await navigator.credentials.get({ publicKey, mediation, signal });
  return {
    credential_id: text(rawId),
    client_data: text(response.clientDataJSON),
    authenticator_data: text(response.authenticatorData),
    signature: text(response.signature),
    user_handle: text(response.userHandle),
    return_to: form.dataset.returnTo,
  };
}

async function added(form) {
  const { options } = await post(`${form.action}/options`);
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: options.excludeCredentials.map((each) => ({ ...each, id: bytes(each.id) })),
  };
  const { rawId, response } = await navigator.credentials.create({ publicKey });
  return {
    credential_id: text(rawId),
    client_data: text(response.clientDataJSON),
    attestation: text(response.attestationObject),
    transports: response.getTransports?.().join(" ") ?? "",
  };
}

function say(form, { name, words }) {
  const { failed, known, stopped } = form.dataset;
  const ours = { NotAllowedError: stopped, AbortError: stopped, InvalidStateError: known };
  form.querySelector("[role=alert]").textContent = words ?? ours[name] ?? failed;
}

async function send(form, answer) {
  const { next } = await post(form.action, answer);
  location.assign(next);
}

async function press(form) {
  const button = form.querySelector("button");
  say(form, { words: "" });
  button.disabled = true;
  try {
    await send(form, await (form.dataset.passkey === "add" ? added(form) : used(form)));
  } catch (error) {
    say(form, error);
    offer(form);
  }
  button.disabled = false;
}

// The browser offers the passkey at the address field, until the person picks it or types.
async function offer(form) {
  if (!document.querySelector("[autocomplete~=webauthn]")) return;
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  const renewal = setTimeout(() => {
    if (!document.hidden) offer(form);
    else document.addEventListener("visibilitychange", () => offer(form), { once: true });
  }, RENEW_MS);
  const answer = await used(form, "conditional").catch(() => null);
  clearTimeout(renewal);
  if (answer) await send(form, answer).catch((error) => say(form, error));
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) {
    form.remove();
    continue;
  }
  form.hidden = false;
  form.querySelector("button").disabled = false;
  form.nextElementSibling?.matches("[data-no-passkey]") && (form.nextElementSibling.hidden = true);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    press(form);
  });
  offer(form);
}
