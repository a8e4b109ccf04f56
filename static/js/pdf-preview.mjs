// Draws a PDF with pdf.js: its first pages, each when it comes into view.

const PAGES = 20;
const SHARPEST = 2; // device pixels for one of the page's, at most

export async function draw(box) {
  const { pdf, pdfjs, worker, assets } = box.dataset;
  const said = box.querySelector("[role=status]");
  const folder = new URL(assets, location.href).href;
  try {
    const { getDocument, GlobalWorkerOptions } = await import(pdfjs);
    GlobalWorkerOptions.workerSrc = worker;
    const file = await getDocument({
      url: pdf,
      isEvalSupported: false,
      enableXfa: false,
      disableRange: true, // one download, one line in the log
      cMapUrl: `${folder}cmaps/`,
      cMapPacked: true,
      standardFontDataUrl: `${folder}standard_fonts/`,
    }).promise;
    const shown = Math.min(file.numPages, PAGES);
    const more = file.numPages > shown ? `，以下是前${shown}页，全文请下载查看` : "";
    said.textContent = `共${file.numPages}页${more}。`;
    const watcher = new IntersectionObserver(
      (entries) => entries.forEach(({ target, isIntersecting }) => (isIntersecting ? show : hide)(target, file)),
      { rootMargin: "100%" },
    );
    for (let number = 1; number <= shown; number += 1) {
      const sheet = document.createElement("canvas");
      sheet.dataset.page = number;
      sheet.setAttribute("role", "img");
      sheet.setAttribute("aria-label", `第${number}页`);
      const { width, height } = (await file.getPage(number)).getViewport({ scale: 1 });
      sheet.width = sheet.height = 0;
      sheet.style.aspectRatio = `${width} / ${height}`;
      box.append(sheet);
      watcher.observe(sheet);
    }
  } catch {
    said.textContent = "这个文件暂时不能预览，请下载后查看。";
  }
}

async function show(sheet, file) {
  if (sheet.dataset.shown) return;
  sheet.dataset.shown = "yes";
  const page = await file.getPage(Number(sheet.dataset.page));
  const wide = sheet.clientWidth * Math.min(window.devicePixelRatio, SHARPEST);
  const viewport = page.getViewport({ scale: wide / page.getViewport({ scale: 1 }).width });
  sheet.width = Math.floor(viewport.width);
  sheet.height = Math.floor(viewport.height);
  await page.render({ canvasContext: sheet.getContext("2d"), viewport }).promise;
  sheet.dataset.drawn = "yes";
}

// A phone has no memory for twenty pages at once.
function hide(sheet) {
  if (!sheet.dataset.drawn) return;
  delete sheet.dataset.shown;
  delete sheet.dataset.drawn;
  sheet.width = sheet.height = 0;
}
