// What the web platform does in a line or two. Decisions are made in Rust.

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => within.querySelectorAll(selector);
const { lang } = document.documentElement;

// Forms

export const onSubmit = (submit) =>
  addEventListener("submit", (event) => {
    event.preventDefault();
    submit(event.target);
  });

// Aborted when nobody waits for a code in a message any more.
const waiting = new AbortController();

export const send = (form, answer) => {
  waiting.abort();
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
  } else if (button.ariaBusy) {
    button.style.minInlineSize = "";
    label.textContent = button.dataset.label;
    button.removeAttribute("aria-busy");
  }
};

export const isBusy = (form) => $("button:is([aria-busy], [aria-disabled])", form) !== null;

// A page that comes back from the browser's memory is not on its way any more.
addEventListener("pageshow", () => $$("form").forEach((form) => busy(form, false)));

// Puts a sentence where the page keeps errors for this form, and the cursor where it can be set right.
export const complain = (form, sentence) => {
  const slot = $("[data-error]", form) ?? $("[data-error]");
  const field = $("[aria-describedby]:not([type=checkbox])", form);
  // Screen readers say what gets the focus; where it is already, the sentence has to speak for itself.
  slot.role = document.activeElement === field ? "alert" : null;
  slot.hidden = false;
  $("span", slot).textContent = sentence;
  $$("[data-tries]").forEach((old) => old.remove());
  field?.setAttribute("aria-invalid", "true");
  if (field?.dataset.length) field.select();
  (field ?? slot).focus();
};

export const forgive = (form) => {
  $$("[data-error]", form).forEach((slot) => (slot.hidden = true));
  $$("[aria-invalid]", form).forEach((field) => field.removeAttribute("aria-invalid"));
};

export const followCountry = () =>
  addEventListener("change", ({ target }) => {
    const example = target.selectedOptions?.[0].dataset.example;
    const hint = $("#phone-hint");
    if (example) hint.textContent = hint.dataset.words.replace("\ufffc", example);
  });

// Time, from the moment this page arrived, by a clock that nobody can set

const arrived = performance.getEntriesByType("navigation")[0]?.responseStart ?? 0;
const elapsed = () => (performance.now() - arrived) / 1000;
const left = ({ dataset }) => (dataset.deadline - dataset.now) / 1000 - elapsed();

export const everySecond = (tick) => {
  const all = () =>
    $$("[data-countdown]").forEach((sentence) => tick(sentence, left(sentence), sentence.dataset.countdown));
  all();
  setInterval(all, 1000);
  // Timers sleep while a page is hidden.
  addEventListener("visibilitychange", all);
};

export const stop = ({ dataset }) => delete dataset.countdown;

// Read out by screen readers when they have nothing better to say.
const status = (sentence) => ($("[data-status]").textContent = sentence);

// The sentence with a time in it, in the language of the page.
export const tell = (element, count, unit, aloud) => {
  const format = new Intl.NumberFormat(`${lang}-u-nu-latn`, { style: "unit", unit, unitDisplay: "long" });
  const sentence = element.dataset.words.replace("\ufffc", format.format(count));
  if (element.textContent !== sentence) element.textContent = sentence;
  if (aloud) status(sentence);
};

export const drain = (seconds) => ($("progress").value = seconds);

// A button that has to wait stays in its place and can be reached, but does nothing.
export const allowResend = (allowed) => {
  const button = $(".resend button");
  $("#resend-wait").hidden = allowed;
  if (allowed) {
    forgive(button.form);
    button.removeAttribute("aria-disabled");
    status($("[data-status]").dataset.ready);
  } else {
    button.setAttribute("aria-disabled", "true");
  }
};

export const wait = (form, seconds) => {
  const { dataset } = $("#resend-wait [data-words]", form) ?? {};
  if (!dataset || !seconds) return;
  dataset.deadline = +dataset.now + (elapsed() + seconds) * 1000;
  dataset.countdown = "resend";
};

export const expire = () => {
  $$(".when-open").forEach((part) => (part.hidden = true));
  $(".when-expired").hidden = false;
  $(".resend button").classList.replace("secondary", "primary");
  $(".when-expired h1").focus();
};

// Once: whoever closes it has read it.
export const warn = (seconds) => {
  const dialog = $("dialog");
  if (!(seconds <= dialog.dataset.warn)) return;
  delete dialog.dataset.warn;
  dialog.showModal();
};

// The server tells times in UTC; the reader's clock knows better.
export const localTimes = () => {
  const own = navigator.language.startsWith(lang) ? navigator.language : lang;
  const format = new Intl.DateTimeFormat(`${own}-u-nu-latn-hc-h23`, { dateStyle: "medium", timeStyle: "short" });
  $$("time").forEach((time) => (time.textContent = format.format(new Date(time.dateTime))));
};

// The code

export const onCode = (tidy) => {
  const field = $("#code");
  if (!field) return;
  const put = (typed) => {
    const code = tidy(typed, +field.dataset.length);
    if (code !== field.value) field.value = code;
  };
  field.addEventListener("input", () => put(field.value));
  if (!("OTPCredential" in window)) return;
  // WebOTP: asks once, and gives up quietly when a form is sent, the page is left, or time is up.
  addEventListener("pagehide", () => waiting.abort());
  setTimeout(() => waiting.abort(), left($("[data-countdown=expire]")) * 1000);
  navigator.credentials
    .get({ otp: { transport: ["sms"] }, signal: waiting.signal })
    .then(({ code }) => {
      put(code);
      field.form.requestSubmit();
    })
    .catch(() => {});
};
