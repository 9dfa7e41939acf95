// On a device whose person said yes: starts the service worker, hands it the session's key through
// the portal, and shows what became of forms that were filled in without a connection.
const { offline, person } = document.body.dataset;
const knows = "serviceWorker" in navigator && "cookieStore" in window && "locks" in navigator;

async function ask(what) {
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise((yes) => port1.addEventListener("message", ({ data }) => yes(data)));
  port1.start();
  active.postMessage({ person, ...what }, [port2]);
  return answer;
}

function part(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

// What was typed stays in sight where it was not taken.
function row(form, words) {
  const made = document.createElement("li");
  made.className = "card";
  made.append(part("h2", form.words), part("p", words[form.state]));
  if (form.state === "refused" && form.why) made.append(part("p", form.why));
  if (form.state !== "sent") made.append(...form.typed.map((each) => part("p", each)));
  if (form.state === "refused" && form.page) made.append(again(form, words));
  if (form.state !== "waiting") made.append(away(form, words));
  return made;
}

function again({ page }, { again }) {
  const link = part("a", again);
  link.href = page;
  link.className = "alone";
  return link;
}

function away({ id }, { away }) {
  const button = part("button", away);
  button.className = "button plain";
  button.addEventListener("click", async () => {
    await ask({ ask: "drop", id });
    show();
  });
  return button;
}

async function show() {
  const forms = (await ask({ ask: "list" })) ?? [];
  const note = document.querySelector(".banner.kept");
  if (note) {
    const state = ["refused", "waiting", "sent"].find((each) => forms.some((form) => form.state === each));
    note.hidden = !state;
    note.querySelector("strong").textContent = note.dataset[state] ?? "";
  }
  const list = document.querySelector("#kept");
  if (!list) return;
  list.replaceChildren(...forms.map((form) => row(form, list.dataset)));
  list.nextElementSibling.hidden = forms.length > 0;
}

async function begin() {
  const path = navigator.serviceWorker.controller ? null : location.pathname + location.search;
  await navigator.serviceWorker.register("/service-worker.js");
  if (!(await ask({ ask: "begin", session: offline, path }))) return;
  document.body.dataset.ready = "offline";
  await show();
  if (navigator.onLine) await ask({ ask: "send" });
}

for (const form of knows ? document.querySelectorAll("[data-needs-worker]") : []) {
  form.hidden = false;
  form.nextElementSibling.hidden = true;
}
if (knows && offline) {
  navigator.serviceWorker.addEventListener("message", show);
  window.addEventListener("online", () => ask({ ask: "send" }));
  begin();
}
