// Small courtesies; every page works without them.

// Ask before what is hard to take back; then one press, one request.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm;
  if (form.dataset.sent || (question && !window.confirm(question))) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
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
