// Lets this device be told by push. The form stays hidden where the browser cannot.
const form = document.querySelector("[data-push]");

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

async function subscribed() {
  const worker = await navigator.serviceWorker.register("/service-worker.js");
  await navigator.serviceWorker.ready;
  const applicationServerKey = bytes(form.dataset.push);
  return worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
}

async function add() {
  if ((await Notification.requestPermission()) !== "granted") throw form.dataset.denied;
  const { endpoint, keys } = (await subscribed()).toJSON();
  const type = "application/json";
  const headers = { Accept: type, "Content-Type": type };
  const body = JSON.stringify({ endpoint, p256dh: keys.p256dh, auth: keys.auth });
  const answer = await fetch(form.action, { method: "POST", headers, body });
  if (!answer.ok) throw form.dataset.failed;
  location.assign((await answer.json()).next);
}

if (form && "PushManager" in window && "serviceWorker" in navigator) {
  form.hidden = false;
  form.nextElementSibling.hidden = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { denied, failed } = form.dataset;
    add().catch((why) => {
      form.querySelector("[role=alert]").textContent = why === denied ? denied : failed;
    });
  });
}
