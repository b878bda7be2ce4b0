// Calls of browser APIs. Decisions are made in Rust.

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => within.querySelectorAll(selector);
const { lang } = document.documentElement;

// Forms

export const onSubmit = (submit) =>
  addEventListener("submit", (event) => {
    event.preventDefault();
    submit(event.target);
  });

// Aborts WebOTP when the code is no longer needed.
const otpAbort = new AbortController();

export const send = (form, answer) => {
  otpAbort.abort();
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

export const goTo = (to) => location.assign(to);

// The button keeps its width while its label changes.
export const setBusy = (form, on) => {
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

// A page that is restored from the back/forward cache is not sending any form.
addEventListener("pageshow", () => $$("form").forEach((form) => setBusy(form, false)));

// Shows an error at the form, and moves the focus to the field.
export const showError = (form, sentence) => {
  const message = $("[data-error]", form) ?? $("[data-error]");
  const field = $("[aria-describedby]:not([type=checkbox])", form);
  // Screen readers announce the field that gets the focus. If it has the focus already, the error
  // needs the role `alert`.
  message.role = document.activeElement === field ? "alert" : null;
  message.hidden = false;
  $("span", message).textContent = sentence;
  $$("[data-tries]").forEach((old) => old.remove());
  field?.setAttribute("aria-invalid", "true");
  if (field?.dataset.length) field.select();
  (field ?? message).focus();
};

export const clearError = (form) => {
  $$("[data-error]", form).forEach((message) => (message.hidden = true));
  $$("[aria-invalid]", form).forEach((field) => field.removeAttribute("aria-invalid"));
};

export const updateExampleOnCountryChange = () =>
  addEventListener("change", ({ target }) => {
    const example = target.selectedOptions?.[0].dataset.example;
    const hint = $("#phone-hint");
    if (example) hint.textContent = hint.dataset.template.replace("\ufffc", example);
  });

// Time since the page was received, by the monotonic clock

const receivedAt = performance.getEntriesByType("navigation")[0]?.responseStart ?? 0;
const elapsed = () => (performance.now() - receivedAt) / 1000;
const remaining = ({ dataset }) => (dataset.deadline - dataset.now) / 1000 - elapsed();

export const everySecond = (tick) => {
  const update = () =>
    $$("[data-countdown]").forEach((element) => tick(element, remaining(element), element.dataset.countdown));
  update();
  setInterval(update, 1000);
  // Timers are throttled while a page is hidden.
  addEventListener("visibilitychange", update);
};

export const stopCountdown = ({ dataset }) => delete dataset.countdown;

// Screen readers announce it politely.
const announce = (sentence) => ($("[data-status]").textContent = sentence);

// Writes a time into the text, in the language of the page.
export const setText = (element, count, unit, aloud) => {
  const format = new Intl.NumberFormat(`${lang}-u-nu-latn`, { style: "unit", unit, unitDisplay: "long" });
  const sentence = element.dataset.template.replace("\ufffc", format.format(count));
  if (element.textContent !== sentence) element.textContent = sentence;
  if (aloud) announce(sentence);
};

export const setProgress = (seconds) => ($("progress").value = seconds);

// While resending is not allowed, the button stays visible and focusable, but does nothing.
export const allowResend = (allowed) => {
  const button = $(".resend button");
  $("#resend-wait").hidden = allowed;
  if (allowed) {
    clearError(button.form);
    button.removeAttribute("aria-disabled");
    announce($("[data-status]").dataset.ready);
  } else {
    button.setAttribute("aria-disabled", "true");
  }
};

export const startResendWait = (form, seconds) => {
  const { dataset } = $("#resend-wait [data-template]", form) ?? {};
  if (!dataset || !seconds) return;
  dataset.deadline = +dataset.now + (elapsed() + seconds) * 1000;
  dataset.countdown = "resend";
};

export const showExpired = () => {
  $$(".when-open").forEach((element) => (element.hidden = true));
  $(".when-expired").hidden = false;
  $(".resend button").classList.replace("secondary", "primary");
  $(".when-expired h1").focus();
};

// Opens once, because a person who closes it has read it.
export const showIdleWarning = (seconds) => {
  const dialog = $("dialog");
  if (!(seconds <= dialog.dataset.warnBefore)) return;
  delete dialog.dataset.warnBefore;
  dialog.showModal();
};

// Converts times from UTC to the time zone of the reader.
export const showLocalTimes = () => {
  const own = navigator.language.startsWith(lang) ? navigator.language : lang;
  const format = new Intl.DateTimeFormat(`${own}-u-nu-latn-hc-h23`, { dateStyle: "medium", timeStyle: "short" });
  $$("time").forEach((time) => (time.textContent = format.format(new Date(time.dateTime))));
};

// The code

export const onCode = (normalize) => {
  const field = $("#code");
  if (!field) return;
  const setCode = (typed) => {
    const code = normalize(typed, +field.dataset.length);
    if (code !== field.value) field.value = code;
  };
  field.addEventListener("input", () => setCode(field.value));
  if (!("OTPCredential" in window)) return;
  // WebOTP: one request, aborted when a form is sent, the page is left or the code expires.
  addEventListener("pagehide", () => otpAbort.abort());
  setTimeout(() => otpAbort.abort(), remaining($("[data-countdown=expire]")) * 1000);
  navigator.credentials
    .get({ otp: { transport: ["sms"] }, signal: otpAbort.signal })
    .then(({ code }) => {
      setCode(code);
      field.form.requestSubmit();
    })
    .catch(() => {});
};
