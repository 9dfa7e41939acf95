// The last minutes of a session. The stylesheet counts, too, where no script runs; here the time
// can start again without loading the page, so that nothing typed is lost. What was typed stays in
// this page's memory, never in the browser's storage.
const { home, idle, person, stay: door } = document.body.dataset;
const soon = document.querySelector(".soon");
const over = document.querySelector(".over");
const main = document.querySelector("main");
const tabs = "BroadcastChannel" in window ? new BroadcastChannel(door) : null;
const WARNING_MS = 120000;
let ends = 0;
let typed = false;
let focused = null;

const link = soon.querySelector("a");
const button = document.createElement("button");
const problem = document.createElement("span");
button.type = "button";
button.textContent = link.textContent;
link.replaceWith(button, " ", problem);

function begin() {
  if (!main.firstElementChild) return location.replace(link.href);
  ends = Date.now() + idle * 1000;
  problem.textContent = "";
  show("");
  focused?.focus();
  focused = null;
}

function end() {
  if (document.body.dataset.state === "over") return;
  focused = main.contains(document.activeElement) ? document.activeElement : null;
  ends = 0;
  if (!typed) forget();
  show("over");
  const again = over.querySelector("a");
  if (typed) {
    again.target = "_blank";
    over.querySelector("[hidden]")?.removeAttribute("hidden");
  }
  again.focus();
}

// What was read is gone, not only hidden; what was typed waits for its person.
function forget() {
  main.replaceChildren();
  document.title = over.querySelector("strong").textContent;
  focused = null;
}

function show(state) {
  document.body.dataset.state = state;
}

// By the time of day: the timers of a closed laptop stand still.
function look() {
  const left = ends - Date.now();
  if (left <= 0) end();
  else show(left <= WARNING_MS ? "soon" : "");
}

async function stay() {
  const headers = { Accept: "application/json" };
  const answer = await fetch(door, { method: "POST", headers }).catch(() => null);
  if (answer?.status === 401) end();
  else if (!answer?.ok) problem.textContent = soon.dataset.failed;
  else {
    begin();
    tabs?.postMessage(person);
  }
}

// Whoever signed out left nothing to come back to.
function leave() {
  end();
  forget();
}

// Other tabs of the same person go on together; what one person read is not shown to the next. Staff
// and patients hear each other not: somebody may be both.
function hear({ data }) {
  if (data === person) begin();
  else if (data) location.replace(home);
  else leave();
}

button.addEventListener("click", stay);
main.addEventListener("input", () => (typed = true));
tabs?.addEventListener("message", hear);
tabs?.postMessage(person);
document.addEventListener("submit", ({ target }) => {
  if (target.action.endsWith("/sign-out") && !main.contains(target)) tabs?.postMessage("");
});
document.addEventListener("visibilitychange", look);
window.addEventListener("pageshow", look);
begin();
document.body.classList.add("timed");
setInterval(look, 1000);
