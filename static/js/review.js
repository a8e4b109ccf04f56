// Reviewing by keyboard: a letter goes to its button or link, Enter then does it. Never while typing.

const KEYS = new Map();
document.querySelectorAll("[data-key]").forEach((one) => KEYS.set(one.dataset.key, one));
const rows = [...document.querySelectorAll("[data-row]")];

const typing = (target) => target.matches("textarea, select, input:not([type=checkbox])");

// Up and down a list: the row in focus, or the first.
const step = (by) => {
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
  row?.querySelector("a")?.focus();
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") document.activeElement?.blur();
  if (event.isComposing || typing(event.target)) return;
  const key = event.key.toLowerCase();
  if (rows.length && (key === "j" || key === "k")) {
    step(key === "j" ? 1 : -1);
  } else if (rows.length && key === "x") {
    const box = document.activeElement?.closest("[data-row]")?.querySelector("input[type=checkbox]");
    if (box) box.checked = !box.checked;
  } else if (key === "e") {
    document.getElementById("id_reason")?.focus();
  } else if (KEYS.get(key)?.matches("a")) {
    KEYS.get(key).click();
  } else if (KEYS.has(key)) {
    KEYS.get(key).focus();
  } else {
    return;
  }
  event.preventDefault();
});

// One box for all on the page.
document.querySelectorAll("[data-all]").forEach((all) => {
  all.hidden = false;
  all.querySelector("input").addEventListener("change", (event) => {
    document.querySelectorAll("[data-row] input[type=checkbox]").forEach((box) => (box.checked = event.target.checked));
  });
});

// A form that is about ticked rows says so itself where none is ticked.
document.querySelectorAll("form[data-needs-tick]").forEach((form) => {
  const said = document.getElementById(form.dataset.needsTick);
  form.addEventListener("submit", (event) => {
    said.hidden = [...form.elements].some((one) => one.checked);
    if (!said.hidden) event.preventDefault();
  });
});
