// A draft saves itself. What the server does not have yet outlives a closed browser, an expired session
// and a broken line: it is kept on this device, under the person's number, until the server has it.

const PAUSE = 2000; // milliseconds without typing before saving
const AGAIN = 20000; // before another attempt, when the line is broken
const LONGEST = 30000; // for an answer, before the line counts as broken
const EXPIRED = "登录已过期或页面已失效，填写的内容已存在本设备；请重新登录后再打开本页。";
const UNTAKEN = {
  400: "内容过长，没有保存，请删减。",
  404: "没有找到这篇材料，请返回任务页面重新打开。",
  413: "内容过长，没有保存，请删减。",
};

document.querySelectorAll("form[data-autosave]").forEach((form) => {
  const key = `draft:${form.dataset.who}:${location.pathname}`;
  const shown = form.querySelector("[data-saved]");
  const seen = form.elements.seen;
  const texts = () =>
    [...form.elements].filter(
      (field) => field.name && !["file", "submit", "hidden", "radio", "fieldset"].includes(field.type),
    );
  const values = (of = (field) => field.value) => {
    const found = {};
    texts().forEach((field) => (found[field.name] ??= []).push(of(field)));
    return found;
  };
  const given = (field) =>
    field.options ? ([...field.options].find((one) => one.defaultSelected) ?? field.options[0])?.value : field.defaultValue;
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  let stored = values(given); // not what a quick hand typed before this script was here
  let timer = 0;
  let busy = false;
  let lost = null; // what was sent and not answered: the server may have it, so it is sent once more first
  let waiting = null; // a button pressed while an answer is outstanding
  let missed = false; // the piece was not found once; one answer may be wrong
  let over = form.querySelector(".disputed") !== null; // somebody has to choose: no saving by itself
  let leaving = false;

  const tell = (sentence, alarming = false) => {
    shown.textContent = sentence;
    shown.classList.toggle("flag-overdue", alarming);
  };
  const keep = () => {
    try {
      localStorage.setItem(key, JSON.stringify({ seen: seen.value, values: values() }));
    } catch {
      // private mode or a full device: the server still gets it
    }
  };
  const fill = (name, value) => {
    const wanted = (Array.isArray(value) ? value : [value]).map((one) => String(one ?? ""));
    let fields = texts().filter((field) => field.name === name);
    while (fields.length && fields.length < wanted.length && fields[0].closest("[data-items]")) {
      const line = fields.at(-1).closest("li").cloneNode(true);
      line.querySelector("textarea").removeAttribute("id");
      fields[0].closest("[data-items]").append(line);
      fields = texts().filter((field) => field.name === name);
    }
    fields.forEach((field, n) => {
      field.value = wanted[n] ?? "";
    });
  };
  const plan = (wait = PAUSE) => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };
  const packed = () => {
    const body = new FormData(form);
    body.delete("files");
    // A login in another window has changed it.
    body.set("csrfmiddlewaretoken", document.cookie.match(/csrftoken=([^;]+)/)?.[1] ?? "");
    return { sent: values(), body };
  };
  const marks = (text) => new Map(text.split(";").filter(Boolean).map((mark) => mark.split("=")));
  // What others wrote goes into the form, but never over what was typed while the answer was on its way:
  // of that the person has not seen theirs.
  const take = (told, sent) => {
    const [before, now] = [marks(seen.value), marks(told.seen)];
    stored = sent;
    Object.entries(told.taken).forEach(([name, value]) => {
      if (same(values()[name], sent[name])) {
        fill(name, value);
        stored[name] = values()[name];
      } else if (before.has(name)) now.set(name, before.get(name));
      else now.delete(name);
    });
    seen.value = [...now].map((mark) => mark.join("=")).join(";");
  };

  async function save() {
    if (busy || over || leaving) return;
    if (!lost && same(values(), stored)) return;
    const { sent, body } = lost ?? packed();
    busy = true;
    tell("正在保存……");
    const headers = { Accept: "application/json", "X-Who": form.dataset.who };
    const signal = AbortSignal.timeout(LONGEST);
    let answer;
    let told;
    try {
      answer = await fetch(form.dataset.autosave, { method: "POST", body, headers, signal });
      told = answer.redirected ? null : await answer.json();
    } catch {
      told = null;
    }
    busy = false;
    lost = !answer || answer.status >= 500 ? { sent, body } : null;
    if (lost) {
      tell("网络不通，填写的内容已存在本设备，恢复后自动保存。", true);
      plan(AGAIN);
    } else if (!told) {
      over = !(answer.status in UNTAKEN) || (answer.status === 404 && missed);
      missed = answer.status === 404;
      if (missed && !over) plan(AGAIN);
      tell(UNTAKEN[answer.status] ?? EXPIRED, true);
    } else if (answer.ok) {
      missed = false;
      take(told, sent);
      if (same(values(), stored)) localStorage.removeItem(key);
      else plan(0);
      const others = Object.keys(told.taken).length ? `；${told.by}刚才修改的内容已一并保留` : "";
      tell(`草稿已于${told.saved_at}自动保存，尚未提交${others}。`);
    } else {
      over = answer.status === 409;
      tell(told.sentence, true);
    }
    if (waiting) leave();
  }
  const leave = () => {
    leaving = true;
    form.requestSubmit(waiting);
  };

  const kept = JSON.parse(localStorage.getItem(key) ?? "null");
  if (kept && !("asked" in form.dataset) && !same(kept.values, stored)) {
    Object.entries(kept.values).forEach(([name, value]) => fill(name, value));
    seen.value = kept.seen; // if others have changed it since, the server merges or asks
    tell("已恢复本设备上没有来得及保存的内容，正在保存……");
    plan(0);
  } else if (!("asked" in form.dataset)) {
    localStorage.removeItem(key);
    plan();
  }
  form.addEventListener("input", (event) => {
    if (event.target.type === "file") return;
    keep();
    plan();
  });
  form.addEventListener("submit", (event) => {
    if (!navigator.onLine) {
      event.preventDefault();
      keep();
      tell("网络不通，没有提交；填写的内容已存在本设备，恢复后请再点一次。", true);
      return;
    }
    clearTimeout(timer);
    if ((busy || lost) && !leaving) {
      // Otherwise the server might take what this very page has just sent for somebody else's.
      event.preventDefault();
      event.stopPropagation(); // portal.js would count it as sent
      waiting = event.submitter;
      save();
      return;
    }
    leaving = true;
    keep();
    sessionStorage.setItem("draft-sent", key); // portal.js forgets it where the answer says that it arrived
  });
  window.addEventListener("online", () => plan(0));
  document.addEventListener("visibilitychange", () => document.hidden && plan(0));
});
