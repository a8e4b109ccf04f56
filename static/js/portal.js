// Small courtesies; every page works without them.

// Ask before what is hard to take back; then one press, one request.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm;
  if (form.dataset.sent || (question && !window.confirm(question))) {
    event.preventDefault();
    return;
  }
  if (!("again" in form.dataset)) form.dataset.sent = "yes"; // a download leaves the page as it is
  if (form.dataset.sending && event.submitter) {
    event.submitter.textContent = form.dataset.sending;
  }
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});

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

// What is typed outlives an expired session: kept in this tab until the server has it.
document.querySelectorAll("form[data-keep]").forEach((form) => {
  const key = `kept:${location.pathname}`;
  const fields = [...form.elements].filter(
    (field) => field.name && !["file", "submit"].includes(field.type) && field.name !== "csrfmiddlewaretoken",
  );
  const typed = fields.filter((field) => field.type !== "hidden");
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  const differs = kept && typed.some((field) => field.name in kept && kept[field.name] !== field.value);
  if (differs && form.dataset.keep !== "fresh") {
    fields.forEach((field) => {
      if (field.name in kept) field.value = kept[field.name];
    });
    const notice = document.createElement("div");
    notice.className = "alert alert-warning";
    notice.setAttribute("role", "status");
    notice.textContent = "已恢复您上次填写但没有保存的内容，请核对后保存。";
    form.before(notice);
  } else {
    sessionStorage.removeItem(key);
  }
  form.addEventListener("input", () => {
    sessionStorage.setItem(key, JSON.stringify(Object.fromEntries(fields.map((field) => [field.name, field.value]))));
  });
});

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
    shown.textContent = `正文共${n}字${asked && `（要求${asked}）`}`;
    shown.classList.toggle("flag-soon", n > 0 && (n < Number(least ?? 0) || n > Number(most ?? Infinity)));
  };
  field.addEventListener("input", count);
  window.addEventListener("pageshow", count);
  count();
});
