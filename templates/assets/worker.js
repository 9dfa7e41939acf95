// Answers where there is no connection, on a device whose person said yes; for everybody else each
// request goes its way. What is kept is sealed with a key of two halves: one is the session's and
// lives in a cookie that ends with it, the other is a key this browser made and shows to nobody.
const HALF = location.protocol === "https:" ? "__Host-half" : "half";
const FORMS = "/settings/offline/forms";
const FORM = "application/x-www-form-urlencoded";
const MOST = 60;
const bytes = (text) => new TextEncoder().encode(text);

// ---- the store: "state" says whose it is and until when; "pages" and "forms" are sealed
const done = (request) =>
  new Promise((yes, no) => {
    request.onsuccess = () => yes(request.result);
    request.onerror = () => no(request.error);
  });

let opening;
function opened() {
  const asked = indexedDB.open("portal", 1);
  asked.onupgradeneeded = () => {
    for (const name of ["state", "pages", "forms"]) asked.result.createObjectStore(name);
  };
  opening ??= done(asked).then((found) => {
    found.onclose = () => (opening = null);
    found.onversionchange = () => found.close();
    return found;
  });
  return opening;
}

const box = async (name) => (await opened()).transaction(name, "readwrite").objectStore(name);
const put = async (name, id, value) => done((await box(name)).put(value, id));
const get = async (name, id) => done((await box(name)).get(id));
const drop = async (name, id) => done((await box(name)).delete(id));
const clear = async (name) => done((await box(name)).clear());
const ids = async (name) => done((await box(name)).getAllKeys());

async function wipe() {
  await Promise.all([clear("state"), clear("pages"), clear("forms")]);
  await cookieStore.delete(HALF);
}

// Whose pages these are; nothing where nobody said yes, or the session's time is over.
async function mine() {
  const state = await get("state", 0);
  if (!state) return null;
  const half = Date.now() < state.until && (await cookieStore.get(HALF))?.value;
  if (!half) return wipe();
  return { ...state, half };
}

async function key(state) {
  const bits = await crypto.subtle.sign("HMAC", state.local, bytes(state.half));
  return crypto.subtle.importKey("raw", bits, "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function seal(state, name, id, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const how = { name: "AES-GCM", iv, additionalData: bytes(name + id) };
  const data = await crypto.subtle.encrypt(how, await key(state), bytes(JSON.stringify(value)));
  await put(name, id, { iv, data, at: Date.now() });
}

async function unseal(state, name, id) {
  const found = await get(name, id);
  if (!found) return null;
  const how = { name: "AES-GCM", iv: found.iv, additionalData: bytes(name + id) };
  const data = await crypto.subtle.decrypt(how, await key(state), found.data).catch(() => null);
  return data && JSON.parse(new TextDecoder().decode(data));
}

// ---- pages
const person = (html) => /<body[^>]* data-person="([^"]*)"/.exec(html)?.[1];

// A form that may be sent later gets a key of its own each time it is shown: the portal carries
// out what comes twice under one key once.
const marked = (html, state) =>
  html.replace(/<form data-keep="([^"]*)"[^>]*>/g, (form, words) => {
    const once = `${state.person}.${crypto.randomUUID()}`;
    const hidden = (name, value) => `<input type="hidden" name="${name}" value="${value}">`;
    return form + hidden("once", once) + hidden("keep", words);
  });

async function shown(request, url) {
  const path = url.pathname + url.search;
  let answer;
  try {
    answer = await fetch(request);
  } catch {
    return (await kept(path)) ?? (await kept(FORMS)) ?? Response.error();
  }
  const state = await mine();
  return state ? seen(state, answer, url, path) : answer;
}

async function seen(state, answer, url, path) {
  const isOver = url.pathname === "/sign-in" && url.searchParams.has("because");
  if (isOver || answer.status === 401) await clear("pages");
  if (!answer.headers.get("Content-Type")?.startsWith("text/html")) return answer;
  const html = await answer.text();
  const whose = person(html);
  if (whose && whose !== state.person) await clear("pages");
  const isMine = whose === state.person;
  const isKept = isMine && answer.ok && answer.headers.get("X-Offline") === "keep";
  await (isKept ? keep(state, path, html, answer) : drop("pages", path));
  return new Response(isMine ? marked(html, state) : html, answer);
}

async function keep(state, path, html, answer) {
  const policy = answer.headers.get("Content-Security-Policy");
  await seal(state, "pages", path, { html, policy });
  const all = await ids("pages");
  if (all.length <= MOST) return;
  const rows = await Promise.all(all.map(async (id) => [(await get("pages", id)).at, id]));
  await drop("pages", rows.sort((one, other) => one[0] - other[0])[0][1]);
}

async function kept(path) {
  const state = await mine();
  const page = state && (await unseal(state, "pages", path));
  if (!page) return null;
  const html = page.html.replace('class="banner offline" hidden', 'class="banner offline"');
  const headers = { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" };
  headers["Content-Security-Policy"] = page.policy;
  return new Response(marked(html, state), { headers });
}

// ---- forms
async function sent(request, url) {
  if (url.pathname === "/sign-out") await wipe();
  const copy = request.clone();
  try {
    return await fetch(request);
  } catch {
    const fields = new URLSearchParams(await copy.text());
    const state = fields.has("once") && (await mine());
    if (!state) return (await kept(FORMS)) ?? Response.error();
    await waits(state, url.pathname, request.referrer, fields);
    return Response.redirect(FORMS, 303);
  }
}

async function waits(state, path, page, fields) {
  const [once, words] = [fields.get("once"), fields.get("keep")];
  fields.delete("keep");
  const typed = [...fields].filter(([name]) => name !== "once").map(([, value]) => value);
  const form = { words, typed, path, page, body: `${fields}`, state: "waiting" };
  await seal(state, "forms", once, form);
  await registration.sync?.register("forms").catch(() => {});
}

// One after another, each under its own key. What the portal has not answered goes on waiting.
const sendAll = () =>
  navigator.locks.request("forms", async () => {
    const state = await mine();
    for (const id of state ? await ids("forms") : []) {
      const form = await unseal(state, "forms", id);
      if (form?.state === "waiting" && !(await sendOne(state, id, form))) break;
    }
    for (const tab of await clients.matchAll()) tab.postMessage("forms");
  });

async function sendOne(state, id, form) {
  const headers = { Accept: "application/json", "Content-Type": FORM };
  const sending = { method: "POST", headers, body: form.body };
  const answer = await fetch(form.path, sending).catch(() => null);
  if (!answer || answer.status === 429 || answer.status >= 500) return false;
  if (answer.status === 401) return clear("pages");
  const said = await answer.json().catch(() => ({}));
  if (said.needs) return false;
  const why = Object.values(said.errors ?? {})[0] ?? said.detail;
  const outcome = answer.ok ? { state: "sent" } : { state: "refused", why };
  await seal(state, "forms", id, { ...form, ...outcome, body: "", at: Date.now() });
  return true;
}

// ---- what pages ask for
async function begin({ person, session, path }) {
  let state = await mine();
  if (state && state.person !== person) state = await wipe();
  if (state?.session === session) return true;
  const headers = { Accept: "application/json" };
  const answer = await fetch("/settings/offline/key", { method: "POST", headers });
  if (!answer.ok) return false;
  const { half, until } = await answer.json();
  await renew(state, { person, session, half, until: until * 1000 });
  const here = new URL(path ?? FORMS, location);
  for (const url of new Set([`${here}`, `${new URL(FORMS, location)}`]))
    await shown(new Request(url, { headers: { Accept: "text/html" } }), new URL(url));
  return true;
}

// Pages of an earlier session are dropped; forms that wait go over to the new one.
async function renew(old, fresh) {
  const isSame = old?.half === fresh.half;
  const waiting = new Map();
  for (const id of old && !isSame ? await ids("forms") : [])
    waiting.set(id, await unseal(old, "forms", id));
  const how = { name: "HMAC", hash: "SHA-256" };
  const local = isSame ? old.local : await crypto.subtle.generateKey(how, false, ["sign"]);
  if (!isSame) await clear("pages");
  const { half, ...state } = { ...fresh, local };
  await put("state", 0, state);
  await cookieStore.set({ name: HALF, value: half, sameSite: "lax" });
  for (const [id, form] of waiting) await seal({ ...state, half }, "forms", id, form);
}

async function list({ person }) {
  const state = await mine();
  if (state?.person !== person) return [];
  const found = [];
  for (const id of await ids("forms")) found.push({ id, ...(await unseal(state, "forms", id)) });
  return found;
}

const ANSWERS = { begin, list, send: sendAll, drop: ({ id }) => drop("forms", id), wipe };

async function answered({ data, ports }) {
  ports[0].postMessage(await ANSWERS[data.ask](data).catch(() => null));
}

async function other(request, url) {
  const answer = await fetch(request);
  if (answer.status === 401 && (await get("state", 0))) await clear("pages");
  return answer;
}

// ---- push: the same words for everything, so that a lock screen tells nobody anything
async function told({ data }) {
  const { title, body, topic, link, lang, dir } = data.json();
  await registration.showNotification(title, { body, lang, dir, tag: topic, data: link });
}

async function followed({ notification }) {
  notification.close();
  const url = new URL(notification.data, location);
  if (url.origin === location.origin) await clients.openWindow(url);
}

addEventListener("push", (event) => event.waitUntil(told(event)));
addEventListener("notificationclick", (event) => event.waitUntil(followed(event)));
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("sync", (event) => event.waitUntil(sendAll()));
addEventListener("message", (event) => event.waitUntil(answered(event)));
addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.mode !== "navigate") {
    if (!request.destination) event.respondWith(other(request, url));
  } else event.respondWith(request.method === "GET" ? shown(request, url) : sent(request, url));
});
