// Shows of a requirement's form what its frequency and kind ask for; without script everything is shown.
document.addEventListener("DOMContentLoaded", () => {
  const frequency = document.getElementById("id_frequency");
  if (!frequency) return;
  const kind = document.getElementById("id_kind");
  const rows = (name) => document.querySelectorAll(`.form-row.field-${name}`);
  const show = (name, shown) => rows(name).forEach((row) => { row.hidden = !shown; });
  const choose = () => {
    const once = frequency.value === "once";
    const click = kind.value === "acknowledgement";
    show("due_on", once);
    show("recurs_from", !once);
    for (const name of ["min_pieces", "words_min", "file_kinds", "sign_off", "district_first", "nil_allowed", "template_file"]) {
      show(name, !click);
    }
  };
  frequency.addEventListener("change", choose);
  kind.addEventListener("change", choose);
  choose();
});
