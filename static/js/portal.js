// Small courtesies; every page works without them.

// Whose page this is: on a shared computer somebody else may log in beside it (SamePersonMiddleware).
const who = document.documentElement.dataset.who;
const posts = (form) => form.getAttribute("method")?.toLowerCase() === "post";

// Ask before what is hard to take back; then one press, one request.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return; // a form's own script has stopped it
  const form = event.target;
  const question = event.submitter?.dataset.confirm;
  if (form.dataset.sent || (question && !window.confirm(question))) {
    event.preventDefault();
    return;
  }
  // A login in another window has changed the token that this page was made with.
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  if (token && form.elements.csrfmiddlewaretoken) form.elements.csrfmiddlewaretoken.value = token;
  if (who && posts(form)) {
    const field = form.elements._who ?? form.appendChild(document.createElement("input"));
    Object.assign(field, { type: "hidden", name: "_who", value: who });
  }
  if (!("again" in form.dataset)) form.dataset.sent = "yes"; // a download leaves the page as it is
  if (form.dataset.sending && event.submitter) {
    event.submitter.textContent = form.dataset.sending;
  }
  remember(form);
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});

// A draft that the server has taken need not be kept on this device any more (autosave.js).
if (location.hash === "#saved") {
  localStorage.removeItem(sessionStorage.getItem("draft-sent") ?? "");
  history.replaceState(null, "", location.pathname + location.search);
}

// Filters take effect when chosen.
document.querySelectorAll("[data-autosubmit]").forEach((field) => {
  field.addEventListener("change", () => field.form.requestSubmit());
});

// A part that asks again by itself may be sent to the login; then the whole page goes there.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, pathInfo } = event.detail;
  if (new URL(xhr.responseURL).pathname !== new URL(pathInfo.requestPath, location).pathname) {
    event.preventDefault();
    window.location.reload();
  }
});

// Previews of files: a PDF draws itself once it is in the page; one that does not open says so.
document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  const box = elt.matches?.("[data-pdf]") ? elt : elt.querySelector?.("[data-pdf]");
  if (box) import(box.dataset.drawer).then(({ draw }) => draw(box));
});
["htmx:responseError", "htmx:sendError"].forEach((name) =>
  document.addEventListener(name, ({ detail: { elt } }) => {
    if (elt.matches("details.preview")) elt.querySelector("p").textContent = "预览暂时打不开，请下载后查看。";
  }),
);

// What scrolls inside a page is reached by keyboard, and then has a name.
const SCROLLING = ".table-responsive, .preview > div, .side-by-side .prose, .disputed .said";
const scrolls = new ResizeObserver((changes) =>
  changes.forEach(({ target: box }) => {
    const name = box.querySelector("caption") ?? box.closest("section, details, .sheet")?.querySelector("h2, h3, summary");
    const more = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
    const said = { tabindex: 0, role: "region", "aria-label": name?.textContent.trim() || "可滚动的内容" };
    Object.entries(said).forEach(([key, value]) => (more ? box.setAttribute(key, value) : box.removeAttribute(key)));
  }),
);
const watch = (part) => part.querySelectorAll(SCROLLING).forEach((box) => scrolls.observe(box));
watch(document);
document.addEventListener("htmx:load", ({ detail: { elt } }) => watch(elt.parentElement ?? elt));

// Print buttons.
document.querySelectorAll("[data-print]").forEach((button) => {
  button.addEventListener("click", () => window.print());
});

// Files that the server would refuse for their size or number are named before they travel.
document.querySelectorAll("input[type=file][data-max-bytes]").forEach((input) => {
  input.addEventListener("change", () => {
    const files = [...input.files];
    const large = files.find((file) => file.size > Number(input.dataset.maxBytes));
    const megabytes = Number(input.dataset.maxBytes) / 1024 / 1024;
    let sentence = "";
    if (large) {
      sentence = `文件“${large.name}”超过${megabytes} MB，请压缩或拆分后重新选择。`;
    } else if (files.reduce((sum, file) => sum + file.size, 0) > Number(input.dataset.maxTotal)) {
      sentence = `一次上传的文件合计不能超过${Number(input.dataset.maxTotal) / 1024 / 1024} MB，请分几次上传。`;
    } else if (files.length > Number(input.dataset.maxFiles)) {
      sentence = `一次最多选择${input.dataset.maxFiles}个文件，请减少后重新选择。`;
    }
    input.setCustomValidity(sentence);
    input.reportValidity();
  });
});

// Another line for another item.
document.querySelectorAll("[data-items]").forEach((list) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-outline-primary btn-sm mt-2";
  button.textContent = "再加一条";
  button.addEventListener("click", () => {
    const line = list.lastElementChild.cloneNode(true);
    const field = line.querySelector("textarea");
    field.value = "";
    field.removeAttribute("id");
    list.append(line);
    [...list.querySelectorAll("textarea")].forEach((one, n) => one.id || one.setAttribute("aria-label", `第${n + 1}条`));
    button.hidden = list.children.length >= Number(list.dataset.most);
    field.focus();
  });
  button.hidden = list.children.length >= Number(list.dataset.most);
  list.after(button);
});

// The words of a form stay in this tab until the server has taken them: where it asked for a login instead,
// they stand in the form again. Texts that save themselves have their own way (autosave.js).
const SENT = "words-sent";
const WORDS = ["textarea", "text", "search", "tel", "email", "url", "number", "date"];
const fieldsOf = (form) => [...form.elements].filter((field) => field.name && WORDS.includes(field.type));
const remembered = () => JSON.parse(sessionStorage.getItem(SENT) ?? "null");
const placeOf = (form) => {
  const address = (one) => new URL(one.getAttribute("action") ?? "", location).pathname;
  const alike = [...document.forms].filter((one) => posts(one) && address(one) === address(form));
  return `${address(form)} ${alike.indexOf(form)}`;
};
function remember(form) {
  if (!who || !posts(form) || form.matches("[data-autosave]") || form.querySelector("[type=password]")) return;
  const words = fieldsOf(form).map((field) => [field.name, field.defaultValue, field.value]);
  const place = placeOf(form);
  if (words.some(([, before, typed]) => typed !== before)) {
    sessionStorage.setItem(SENT, JSON.stringify({ who, place, words }));
  } else if (remembered()?.place === place) sessionStorage.removeItem(SENT);
}
function restore(form, words) {
  form.querySelectorAll("[data-items]").forEach((list) => {
    const { name } = list.querySelector("textarea");
    const more = words.filter((one) => one[0] === name).length - list.children.length;
    for (let n = 0; n < more; n += 1) list.nextElementSibling.click();
  });
  const fields = fieldsOf(form);
  const filled = words.filter(([name, before, typed]) => {
    const at = fields.findIndex((field) => field.name === name);
    const [field] = at < 0 ? [] : fields.splice(at, 1);
    if (!field || typed === field.value || !["", before].includes(field.value)) return false;
    field.value = typed;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    return true;
  });
  if (!filled.length) return;
  const note = document.createElement("p");
  note.className = "alert alert-warning";
  note.setAttribute("role", "status");
  note.textContent = "已恢复您刚才填写的内容，请核对后重新提交。";
  form.prepend(note);
  form.closest("details")?.setAttribute("open", "");
  note.scrollIntoView({ block: "center" });
}
const sent = remembered();
if (sent) {
  // Whoever comes back or reloads has seen none of our pages since: the line was broken.
  sent.undone ||= performance.getEntriesByType("navigation")[0]?.type !== "navigate";
  if (document.querySelector("[data-undone]")) {
    sessionStorage.setItem(SENT, JSON.stringify({ ...sent, undone: true }));
  } else if (sent.who !== who || !sent.undone) {
    sessionStorage.removeItem(SENT);
  } else {
    sessionStorage.setItem(SENT, JSON.stringify(sent));
    const form = [...document.forms].find((one) => posts(one) && placeOf(one) === sent.place);
    if (form) restore(form, sent.words);
  }
}

// 字数 as the server counts it (submissions/wordcount.py), while somebody types.
const CHINESE = "\\u2014\\u2018\\u2019\\u201c\\u201d\\u2026\\u3001-\\u9fff\\uf900-\\ufaff\\ufe30-\\ufe4f\\uff01-\\uffef\\u{20000}-\\u{3ffff}";
const COUNTED = new RegExp(`[${CHINESE}]|[^\\s${CHINESE}]+`, "gu");
document.querySelectorAll("textarea[data-words]").forEach((field) => {
  const { wordsMin: least, wordsMax: most } = field.dataset;
  const asked = [least && `不少于${least}字`, most && `不超过${most}字`].filter(Boolean).join("，");
  const shown = document.createElement("p");
  shown.className = "small-note mt-1 mb-0";
  shown.id = `${field.id}_count`;
  field.after(shown);
  field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${shown.id}`.trim());
  const count = () => {
    const n = field.value.match(COUNTED)?.length ?? 0;
    shown.textContent = `${field.dataset.words}共${n}字${asked && `（要求${asked}）`}`;
    shown.classList.toggle("flag-soon", n > 0 && (n < Number(least ?? 0) || n > Number(most ?? Infinity)));
  };
  field.addEventListener("input", count);
  window.addEventListener("pageshow", count);
  count();
});

// Copy what a field holds. Without https there is no clipboard to write to; then the old way, or by hand.
document.querySelectorAll("[data-copy]").forEach((button) => {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    const copied = await (navigator.clipboard?.writeText(field.value) ?? Promise.reject()).then(
      () => true,
      () => document.execCommand("copy"),
    );
    button.nextElementSibling.textContent = copied ? "已复制" : "没能复制，请长按或用Ctrl+C复制已选中的地址";
  });
});
