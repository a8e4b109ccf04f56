// Files travel in pieces (tus): two at a time, with progress, and on again after a broken line, a closed
// browser or an expired session. Without this script the field sends its files with the form.

document.querySelectorAll("input[type=file][data-uploads]").forEach((input) => {
  const list = () => document.getElementById("draft-files");
  if (!window.tus?.isSupported || !list() || input.matches(":disabled")) return;

  const PIECE = 1024 * 1024; // bytes in one request
  const AT_ONCE = 1; // so that files lie in the order in which they were chosen
  const DELAYS = [0, 1000, 3000, 5000, 10000, 20000]; // milliseconds
  const AGAIN = 15000; // milliseconds until another attempt, when the line stays broken
  const STATES = {
    waiting: "等待",
    going: "上传中",
    checking: "正在检查",
    done: "已完成",
    paused: "已暂停",
    failed: "未成功",
  };
  const OPEN = ["waiting", "going", "checking", "paused"];
  const EXPIRED = "登录已过期，请在新窗口登录后点“继续”。";
  const BROKEN = "网络不通，恢复后自动继续。";
  const TROUBLE = "服务器暂时无法保存，请稍后点“继续”。";
  const GONE = "已传的部分已过期，请点“继续”重新上传。";
  const PHOTO = /\.(heic|heif|hif|avif|webp|dng)$/i; // the server says what to do with these

  const rows = new Set();
  const held = () => [...rows].filter((row) => OPEN.includes(row.state));
  const readable = (bytes) =>
    bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
  // Read each time: a login in another window changes it.
  const csrf = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
  const signed = () => ({ "X-CSRFToken": csrf(), "X-Who": document.documentElement.dataset.who });

  const make = (tag, className, text = "") => {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = text;
    return made;
  };
  const area = input.closest(".mb-3") ?? input.parentElement;
  const shown = make("ul", "uploads");
  const said = make("p", "small-note flag-overdue mb-0");
  said.setAttribute("role", "status");
  area.classList.add("drop");
  area.append(make("p", "small-note drop-hint", "也可以把文件拖到这里；选好后立即上传，不用等保存。"), shown, said);

  // Rows -----------------------------------------------------------------------------------------------

  const change = (row, state, note = "") => {
    row.state = state;
    row.label.textContent = STATES[state];
    row.label.dataset.state = state;
    row.note.textContent = note;
    row.bar.hidden = row.percent.hidden = ["failed", "done"].includes(state);
    row.pause.hidden = !["waiting", "going"].includes(state);
    row.resume.hidden = state !== "paused";
    row.cancel.hidden = ["checking", "done"].includes(state);
    name(row.cancel, state === "failed" ? "移除" : "取消", row.file.name);
    if (!held().length) said.textContent = "";
  };
  const progress = (row, sent) => {
    row.bar.value = sent;
    row.percent.textContent = `${Math.floor((sent * 100) / row.file.size)}%`;
  };
  const name = (made, text, file) => {
    made.textContent = text;
    made.setAttribute("aria-label", `${text}“${file}”`);
  };
  const button = (text, file, act) => {
    const made = make("button", "btn btn-outline-primary btn-sm");
    made.type = "button";
    name(made, text, file);
    made.addEventListener("click", act);
    return made;
  };
  const remove = (row) => {
    row.line.remove();
    rows.delete(row);
  };

  const add = (file) => {
    const row = { file, upload: null, again: 0 };
    row.line = make("li", "");
    row.label = make("span", "upload-state");
    row.note = make("span", "upload-note");
    row.note.setAttribute("role", "status");
    row.percent = make("span", "size", "0%");
    row.bar = make("progress", "");
    row.bar.max = file.size || 1;
    row.bar.value = 0;
    row.bar.setAttribute("aria-label", `“${file.name}”的上传进度`);
    row.pause = button("暂停", file.name, () => stop(row));
    row.resume = button("继续", file.name, () => goOn(row));
    row.cancel = button("取消", file.name, () => give(row));
    row.line.append(make("span", "upload-name", file.name), make("span", "size", readable(file.size)), row.label);
    row.line.append(row.percent, row.pause, row.resume, row.cancel, row.bar, row.note);
    shown.append(row.line);
    const refusal = why(file);
    rows.add(row);
    change(row, refusal ? "failed" : "waiting", refusal);
    next();
  };

  const why = (file) => {
    const { maxBytes, maxFiles } = input.dataset;
    const taken = input.accept.split(",");
    const extension = `.${file.name.split(".").at(-1).toLowerCase()}`;
    if (Number(list().dataset.count) + held().length >= Number(maxFiles)) {
      return `一篇材料最多附${maxFiles}个文件，请先移除不需要的文件。`;
    }
    if (!taken.includes(extension) && !PHOTO.test(extension)) {
      const names = taken.map((one) => one.slice(1)).join("、");
      return `此处不能上传“${file.name}”这类文件，请改用以下格式之一：${names}。`;
    }
    if (file.size > Number(maxBytes)) {
      return `文件“${file.name}”超过了 ${Number(maxBytes) / 1024 / 1024} MB 的上限，请压缩其中的图片或拆分后再上传。`;
    }
    return file.size ? "" : `文件“${file.name}”是空的，请确认内容已经保存，再重新选择文件上传。`;
  };

  // Sending --------------------------------------------------------------------------------------------

  const next = () => {
    const going = [...rows].filter((row) => row.state === "going").length;
    [...rows].filter((row) => row.state === "waiting").slice(0, Math.max(0, AT_ONCE - going)).forEach(start);
  };

  const start = async (row) => {
    change(row, "going");
    if (!row.upload) {
      row.upload = uploadOf(row);
      // The same file for the same piece, chosen again after the browser was closed.
      const [known] = await row.upload.findPreviousUploads();
      if (known) row.upload.resumeFromPreviousUpload(known);
    }
    if (row.state === "going") row.upload.start();
  };

  const uploadOf = (row) =>
    new tus.Upload(row.file, {
      endpoint: new URL(list().dataset.endpoint, location.href).href,
      chunkSize: PIECE,
      retryDelays: DELAYS,
      metadata: { filename: row.file.name },
      fingerprint: (file) =>
        Promise.resolve([list().dataset.attach, file.name, file.size, file.lastModified].join("|")),
      onBeforeRequest: (request) => Object.entries(signed()).forEach((pair) => request.setHeader(...pair)),
      onAfterResponse: (request, response) => {
        // Left alone, the library would begin anew where the server only has to be asked again.
        const status = response.getStatus();
        if (status >= 400 && ![404, 410].includes(status)) {
          throw Object.assign(new Error(`status ${status}`), { status, sentence: sentenceOf(response) });
        }
      },
      onShouldRetry: (error) => {
        const status = statusOf(error);
        const behind = status === 409 && !error.causingError?.sentence; // with a sentence, the page is not theirs
        return navigator.onLine && (!status || behind || status === 423 || status >= 500);
      },
      onProgress: (sent) => progress(row, sent),
      onSuccess: () => attach(row),
      onError: (error) => trouble(row, statusOf(error), error.causingError?.sentence),
    });

  const statusOf = (error) => error.causingError?.status ?? error.originalResponse?.getStatus() ?? 0;
  const sentenceOf = (response) =>
    response.getHeader("Content-Type")?.startsWith("text/plain") ? response.getBody() : "";

  const trouble = (row, status, sentence) => {
    if (!status) {
      change(row, "paused", BROKEN);
      row.again = setTimeout(() => goOn(row), AGAIN);
    } else if (status === 401) change(row, "paused", EXPIRED);
    else if (status === 404 || status === 410) change(row, "paused", GONE);
    else if (status === 409 || status === 423 || status >= 500) change(row, "paused", sentence || TROUBLE);
    else change(row, "failed", sentence || "文件没有传成，请刷新页面后重新选择。");
    next();
  };

  const stop = (row) => {
    row.upload?.abort();
    change(row, "paused");
    next();
  };
  const goOn = (row) => {
    clearTimeout(row.again);
    if (row.state !== "paused") return;
    change(row, "waiting");
    next();
  };
  const give = (row) => {
    clearTimeout(row.again);
    row.upload?.abort(row.state !== "failed").catch(() => {}); // the server forgets it within a day anyway
    row.state = "failed";
    remove(row);
    next();
  };
  window.addEventListener("online", () => rows.forEach((row) => row.note.textContent === BROKEN && goOn(row)));

  // What has arrived becomes a file of the draft, one after the other --------------------------------------

  let last = Promise.resolve();
  const attach = (row) => {
    progress(row, row.file.size);
    change(row, "checking");
    next();
    last = last.then(() => adopt(row));
  };

  const adopt = async (row) => {
    const body = new FormData();
    body.append("upload", row.upload.url.match(/([0-9a-f-]{36})\/?$/)[1]);
    const headers = signed();
    let answer;
    try {
      answer = await fetch(list().dataset.attach, { method: "POST", body, headers, redirect: "manual" });
    } catch {
      return trouble(row, 0);
    }
    if (answer.type === "opaqueredirect") return trouble(row, 401);
    const plain = answer.headers.get("Content-Type")?.startsWith("text/plain");
    const told = await answer.text();
    if (answer.ok) replace(told);
    if (answer.ok || answer.status === 422) await forget(row);
    if (!answer.ok) return trouble(row, answer.status === 404 ? 422 : answer.status, plain ? told : "");
    change(row, "done");
    return setTimeout(() => remove(row), 4000);
  };

  const forget = async (row) => {
    const known = await row.upload.findPreviousUploads();
    known.forEach((one) => row.upload.options.urlStorage.removeUpload(one.urlStorageKey));
  };

  const replace = (markup) => {
    const fresh = new DOMParser().parseFromString(markup, "text/html").getElementById("draft-files");
    fresh.querySelectorAll("li").forEach((line) => {
      // What is there stays as it is, with its preview open.
      const address = line.querySelector("a").getAttribute("href");
      const there = list().querySelector(`a[href="${address}"]`)?.closest("li");
      if (there) line.replaceWith(there);
    });
    list().replaceWith(fresh);
    window.htmx?.process(fresh);
  };

  // Choosing and leaving ---------------------------------------------------------------------------------

  const take = () => {
    const chosen = [...input.files];
    input.value = ""; // they do not travel twice
    chosen.forEach(add);
  };
  take(); // what a quick hand chose before this script was here
  area.addEventListener(
    "change",
    (event) => {
      if (event.target !== input) return;
      event.stopImmediatePropagation(); // the checks of a form that sends everything at once (portal.js)
      take();
    },
    true,
  );
  ["dragover", "drop"].forEach((name) =>
    window.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault(); // a file dropped beside the field would take the page's place
      const inside = area.contains(event.target);
      area.classList.toggle("over", inside && name === "dragover");
      if (inside && name === "drop") [...event.dataTransfer.files].forEach(add);
    }),
  );
  area.addEventListener("dragleave", () => area.classList.remove("over"));

  // Handing in without the files that did not arrive is asked about, once for each.
  const without = (button) => {
    const failed = [...rows].filter((row) => row.state === "failed" && !row.agreed);
    if (button?.name !== "submit" || !failed.length) return true;
    if (!window.confirm("还有文件没有上传成功，确定不带这些文件提交吗？")) return false;
    failed.forEach((row) => (row.agreed = true));
    return true;
  };
  window.addEventListener(
    "submit",
    (event) => {
      if (event.target !== input.form || (!held().length && without(event.submitter))) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (held().length) said.textContent = "还有文件没有传完，请等它传完，或取消后再保存、提交。";
      shown.scrollIntoView({ block: "center" });
    },
    true,
  );
  window.addEventListener("beforeunload", (event) => held().length && event.preventDefault());
});
