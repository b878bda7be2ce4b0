// Keeps the list current: asks once a second while the page is seen, and lets what is new slide in.
"use strict";

const list = document.getElementById("messages");
const lost = document.getElementById("lost");
let shown = null;
let version = null;

const clock = new Intl.DateTimeFormat([], { hour: "numeric", minute: "2-digit" });

// In the reader's zone and digits, without "PM": a lock screen has none.
function tell(now) {
  const at = new Date(now);
  const parts = clock.formatToParts(at).filter((part) => part.type !== "dayPeriod");
  document.getElementById("time").textContent = parts.map((part) => part.value).join("").trim();
  document.getElementById("date").textContent =
    at.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
  document.getElementById("zone").textContent = "";
}

// What is there already stays in place, so that a selection and the focus survive; only its age and state change.
function update(current, next) {
  current.className = next.className;
  const [age, nextAge] = [current.querySelector(".ago"), next.querySelector(".ago")];
  if (age && age.textContent !== nextAge.textContent) age.textContent = nextAge.textContent;
}

function show(html) {
  if (html === shown) return;
  const first = shown === null;
  shown = html;
  const fresh = new DOMParser().parseFromString(html, "text/html").body.children;
  const items = Array.from(fresh);
  const ids = new Set(items.map((item) => item.id));
  for (const current of Array.from(list.children)) if (!ids.has(current.id)) current.remove();
  let before = list.firstElementChild;
  for (const item of items) {
    const current = document.getElementById(item.id);
    if (current) {
      update(current, item);
      before = current.nextElementSibling;
    } else {
      if (!first) item.classList.add("arriving");
      list.insertBefore(document.adoptNode(item), before);
    }
  }
}

async function poll() {
  if (document.hidden) return;
  try {
    const answer = await fetch("/phone/messages" + location.search, { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    // Sent only while somebody edits this page: it loads itself again.
    const edition = answer.headers.get("x-sandbox-version");
    if (version && edition !== version) location.reload();
    version = edition;
    show(await answer.text());
    tell(answer.headers.get("x-sandbox-now"));
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  }
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.value);
    button.textContent = "Copied";
  } catch {
    const code = button.closest(".message").querySelector(".code");
    if (code) getSelection().selectAllChildren(code);
    button.textContent = "Selected";
  }
  setTimeout(() => { button.textContent = "Copy code"; }, 1500);
}

document.documentElement.classList.add("scripted");
list.addEventListener("click", (event) => {
  const button = event.target.closest("button.copy");
  if (button) copy(button);
});
document.addEventListener("visibilitychange", poll);
tell(document.getElementById("time").dateTime);
poll();
setInterval(poll, 1000);
