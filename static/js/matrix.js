// The matrix by keyboard: one stop of Tab, arrows move inside, and what is pointed at is said in words.

const table = document.getElementById("matrix");
const said = document.getElementById("matrix-said");

// The full name above a column; figures have none.
const heads = [...(table?.querySelector(".labels")?.cells ?? [])].map((cell) => cell.title || cell.querySelector("a")?.title);

// What is not asked has no link, and a name of its own instead.
const blank = (cell) => {
  if (!heads[cell.cellIndex] || !cell.matches("tbody td:empty")) return null;
  const row = cell.parentElement.cells[0];
  const names = [row.title || row.textContent, heads[cell.cellIndex]];
  cell.setAttribute("aria-label", `${(table.matches(".turned") ? names.reverse() : names).join("，")}：不要求报送`);
  return cell;
};

// Stops of each row by column; a row of a township has fewer, and blank cells are stops as well.
const rows = [...(table?.rows ?? [])]
  .map((row) => [...row.cells].map((cell) => cell.querySelector("a") ?? blank(cell)))
  .filter((stops) => stops.some((stop) => stop?.matches("a")));

let here; // the one that Tab reaches
let column = 0; // where up and down go, whatever the rows between have
let moving = false;

const give = (stop) => {
  here?.setAttribute("tabindex", "-1");
  stop.setAttribute("tabindex", "0");
  here = stop;
};

const place = (stop) => {
  const row = rows.findIndex((stops) => stops.includes(stop));
  return [row, rows[row]?.indexOf(stop) ?? -1];
};

// From `at` on in steps of `by` to the first stop.
const along = (stops, at, by) => {
  for (let n = at; n >= 0 && n < stops.length; n += by) if (stops[n]) return stops[n];
  return undefined;
};

const nearest = (stops) => along(stops, Math.min(column, stops.length - 1), -1) ?? along(stops, column, 1);

const page = () => Math.max(1, Math.floor((table.parentElement.clientHeight * 0.7) / (here.closest("tr").offsetHeight || 20)));

const MOVES = {
  ArrowLeft: (row, at) => along(rows[row], at - 1, -1),
  ArrowRight: (row, at) => along(rows[row], at + 1, 1),
  ArrowUp: (row) => rows[row - 1] && nearest(rows[row - 1]),
  ArrowDown: (row) => rows[row + 1] && nearest(rows[row + 1]),
  PageUp: (row) => nearest(rows[Math.max(row - page(), 0)]),
  PageDown: (row) => nearest(rows[Math.min(row + page(), rows.length - 1)]),
  Home: (row) => along(rows[row], 0, 1),
  End: (row) => along(rows[row], rows[row].length - 1, -1),
};
const FAR = {
  Home: () => along(rows[0], 0, 1),
  End: () => along(rows.at(-1), rows.at(-1).length - 1, -1),
};

// What a cell is about.
const words = (cell) => cell?.getAttribute("aria-label") ?? cell?.querySelector("a")?.getAttribute("aria-label") ?? cell?.querySelector("[title], a")?.textContent ?? "";

if (rows.length) {
  table.setAttribute("role", "grid");
  rows.flat().forEach((stop) => stop?.setAttribute("tabindex", "-1"));
  give(table.querySelector("td[class^=m-] a") ?? along(rows.at(-1), 0, 1));

  table.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.isComposing) return;
    const move = (event.ctrlKey ? FAR : MOVES)[event.key];
    const [row, at] = place(document.activeElement);
    if (!move || row < 0) return;
    const next = move(row, at);
    // At the edge the key is the browser's, which scrolls.
    if (!next || next === document.activeElement) return;
    event.preventDefault();
    moving = /^(Arrow(Up|Down)|Page)/.test(event.key);
    next.focus();
    moving = false;
  });

  table.addEventListener("focusin", ({ target }) => {
    const [row, at] = place(target);
    if (row < 0) return;
    if (!moving) column = at;
    give(target);
    said.textContent = words(target.closest("td, th"));
  });

  table.addEventListener("mouseover", ({ target }) => {
    const cell = target.closest("td, th");
    const link = cell?.querySelector("a[aria-label]");
    if (link) link.title = link.getAttribute("aria-label");
    if (words(cell)) said.textContent = words(cell);
  });
}
