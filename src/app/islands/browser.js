// What the web platform does in a line or two. Decisions are made in Rust.

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => within.querySelectorAll(selector);

// Seconds since this page arrived, by a clock that nobody can set.
const elapsed = () =>
  (performance.now() - (performance.getEntriesByType("navigation")[0]?.responseStart ?? 0)) / 1000;

export const everySecond = (tick) => {
  tick();
  setInterval(tick, 1000);
  // Timers sleep while a page is hidden.
  addEventListener("visibilitychange", tick);
};

// Sends a form as the browser would, and says what came back: a code ("" for success), a sentence, the
// next page, seconds to wait.
export const send = (form, answer) => {
  leaving.abort();
  fetch(form.action, {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams(new FormData(form)),
  })
    .then(async (response) => {
      const { code = "unavailable", title = "", next = "", retry_after = 0 } = await response.json();
      answer(response.ok ? "" : code, title, next, retry_after);
    })
    .catch(() => answer("network", form.dataset.offline, "", 0));
};

export const go = (to) => location.assign(to);

// The button keeps its width while it says what happens.
export const busy = (form, on) => {
  const button = $("button", form);
  const label = button.firstElementChild;
  if (on) {
    button.style.minInlineSize = `${button.offsetWidth}px`;
    button.dataset.label = label.textContent;
    label.textContent = button.dataset.pending;
    button.setAttribute("aria-busy", "true");
  } else if (button.hasAttribute("aria-busy")) {
    label.textContent = button.dataset.label;
    button.style.minInlineSize = "";
    button.removeAttribute("aria-busy");
  }
};

export const isBusy = (form) =>
  $("button:is([aria-busy], [aria-disabled])", form) !== null;

// Puts a sentence where the page keeps errors for this form, and the cursor where it can be set right.
export const complain = (form, sentence) => {
  const slot = $("[data-error]", form) ?? $("[data-error]");
  const field = $("[aria-describedby]:not([type=checkbox])", form);
  $("span", slot).textContent = sentence;
  slot.hidden = false;
  $$("[data-tries]").forEach((old) => old.remove());
  field?.setAttribute("aria-invalid", "true");
  field?.select();
  (field ?? slot).focus();
};

export const forgive = (form) => {
  $$("[data-error]", form).forEach((slot) => (slot.hidden = true));
  $$("[aria-invalid]", form).forEach((field) => field.removeAttribute("aria-invalid"));
};

export const showExample = () => {
  const { words } = $("#phone-hint").dataset;
  const { example } = $("[name=country]").selectedOptions[0].dataset;
  $("#phone-hint").textContent = words.replace("\ufffc", example);
};

export const countdowns = () => [...$$("[data-countdown]")];
export const kind = ({ dataset }) => dataset.countdown;
export const left = ({ dataset }) => (dataset.deadline - dataset.now) / 1000 - elapsed();
export const stop = ({ dataset }) => delete dataset.countdown;

// The sentence with a time in it, in the language of the page.
export const tell = (element, count, unit, aloud) => {
  const format = new Intl.NumberFormat(`${document.documentElement.lang}-u-nu-latn`, {
    style: "unit",
    unit,
    unitDisplay: "long",
  });
  const sentence = element.dataset.words.replace("\ufffc", format.format(count));
  if (element.textContent !== sentence) element.textContent = sentence;
  if (aloud) status(sentence);
};

// Read out by screen readers when they have nothing better to say.
const status = (sentence) => ($("[data-status]").textContent = sentence);

export const drain = (seconds) => ($("progress").value = seconds);

// A button that has to wait stays in its place and can be reached, but does nothing.
export const allowResend = (allowed) => {
  $("#resend-wait").hidden = allowed;
  const button = $(".resend button");
  if (allowed) {
    forgive(button.form);
    button.removeAttribute("aria-disabled");
    status($("[data-status]").dataset.ready);
  } else {
    button.setAttribute("aria-disabled", "true");
  }
};

export const wait = (form, seconds) => {
  const sentence = form.matches(".resend") && $("#resend-wait [data-words]");
  if (!sentence || !seconds) return;
  sentence.dataset.deadline = +sentence.dataset.now + (elapsed() + seconds) * 1000;
  sentence.dataset.countdown = "resend";
};

export const expire = () => {
  $$(".when-open").forEach((part) => (part.hidden = true));
  $(".when-expired").hidden = false;
  $(".resend button").classList.replace("secondary", "primary");
  $(".when-expired h1").focus();
};

export const warn = (seconds) => {
  const dialog = $("dialog");
  if (seconds <= dialog.dataset.warn && !dialog.open) dialog.showModal();
};

// Times of the server are in UTC; the reader's clock knows better.
export const localTimes = () => {
  const { lang } = document.documentElement;
  const format = new Intl.DateTimeFormat(`${lang}-u-nu-latn-hc-h23`, { dateStyle: "long", timeStyle: "short" });
  $$("time").forEach((time) => (time.textContent = format.format(new Date(time.dateTime))));
};

// WebOTP: asks once, and gives up quietly when the form is sent, the page is left, or time is up.
const leaving = new AbortController();
export const listenForCode = (arrived) => {
  const field = $("#code");
  if (!field || !("OTPCredential" in window)) return;
  addEventListener("pagehide", () => leaving.abort());
  setTimeout(() => leaving.abort(), left($("[data-countdown=expire]")) * 1000);
  navigator.credentials
    .get({ otp: { transport: ["sms"] }, signal: leaving.signal })
    .then((credential) => arrived(credential.code))
    .catch(() => {});
};

export const fill = (code) => {
  const field = $("#code");
  field.value = code;
  field.form.requestSubmit();
};

// A page that comes back from the browser's memory is not on its way any more.
addEventListener("pageshow", () => $$("form").forEach((form) => busy(form, false)));
