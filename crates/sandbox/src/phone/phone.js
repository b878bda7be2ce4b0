// Updates the list of messages: fetches it once a second while the page is visible.
"use strict";

const list = document.getElementById("messages");
const lost = document.getElementById("lost");
let shownHtml = null;
let version = null;

const clock = new Intl.DateTimeFormat([], { hour: "numeric", minute: "2-digit" });

// In the reader's time zone and digits. Like on a lock screen, there is no "PM".
function showTime(now) {
  const date = new Date(now);
  const parts = clock.formatToParts(date).filter((part) => part.type !== "dayPeriod");
  document.getElementById("time").textContent = parts.map((part) => part.value).join("").trim();
  document.getElementById("date").textContent =
    date.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
  document.getElementById("zone").textContent = "";
}

// Existing elements are kept, so that a selection and the focus survive. Only age and state change.
function updateMessage(current, next) {
  current.className = next.className;
  const [age, nextAge] = [current.querySelector(".ago"), next.querySelector(".ago")];
  if (age && age.textContent !== nextAge.textContent) age.textContent = nextAge.textContent;
}

function showMessages(html) {
  if (html === shownHtml) return;
  const isFirst = shownHtml === null;
  shownHtml = html;
  const items = Array.from(new DOMParser().parseFromString(html, "text/html").body.children);
  const ids = new Set(items.map((item) => item.id));
  for (const current of Array.from(list.children)) if (!ids.has(current.id)) current.remove();
  let before = list.firstElementChild;
  for (const item of items) {
    const current = document.getElementById(item.id);
    if (current) {
      updateMessage(current, item);
      before = current.nextElementSibling;
    } else {
      if (!isFirst) item.classList.add("arriving");
      list.insertBefore(document.adoptNode(item), before);
    }
  }
}

async function poll() {
  if (document.hidden) return;
  try {
    const response = await fetch("/phone/messages" + location.search, { cache: "no-store" });
    if (!response.ok) throw new Error(String(response.status));
    // Sent only while this page is edited: it reloads itself.
    const edition = response.headers.get("x-sandbox-version");
    if (version && edition !== version) location.reload();
    version = edition;
    showMessages(await response.text());
    showTime(response.headers.get("x-sandbox-now"));
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  }
}

async function copyCode(button) {
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
  if (button) copyCode(button);
});
document.addEventListener("visibilitychange", poll);
showTime(document.getElementById("time").dateTime);
poll();
setInterval(poll, 1000);
