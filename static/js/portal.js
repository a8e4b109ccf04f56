// Small courtesies; every page works without them.

// One press, one request: a form that is being sent does not send again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "yes";
  window.addEventListener("pageshow", () => delete form.dataset.sending, { once: true });
});

// Filters take effect when chosen.
document.querySelectorAll("[data-autosubmit]").forEach((field) => {
  field.addEventListener("change", () => field.form.requestSubmit());
});

// Print buttons.
document.querySelectorAll("[data-print]").forEach((button) => {
  button.addEventListener("click", () => window.print());
});
