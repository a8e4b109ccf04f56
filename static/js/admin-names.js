// Names for fields of the admin that have none: those in tables, by the heads of their columns, and fields that
// search (select2), which Django names by what is chosen in them, and not at all while they are empty.
{
  const head = (field) => {
    const column = field.closest("td")?.className.match(/\bfield-(\w+)|\b(delete)\b/);
    const heads = field.closest("table")?.tHead;
    return column && (column[2] ? heads?.querySelector("tr > :last-child") : heads?.querySelector(`.column-${column[1]}`));
  };
  const idOf = (field) => {
    const label = field.labels?.[0] ?? head(field);
    if (label) label.id ||= `${field.id}-label`;
    return label?.id;
  };
  const name = () => {
    document.querySelectorAll(".tabular td :is(input, select, textarea):not([type=hidden], .select2-search__field)").forEach((field) => {
      if (!field.labels.length && idOf(field)) field.setAttribute("aria-labelledby", idOf(field));
    });
    document.querySelectorAll("select.admin-autocomplete").forEach((select) => {
      const shown = select.nextElementSibling?.querySelector("[role=combobox]");
      if (!shown || !idOf(select)) return;
      const chosen = shown.querySelector("[role=textbox]"); // which it is not: nobody writes there
      ["role", "aria-readonly"].forEach((said) => chosen?.removeAttribute(said));
      shown.setAttribute("aria-labelledby", [idOf(select), chosen?.id].filter(Boolean).join(" "));
      shown.querySelector("[type=search]")?.setAttribute("aria-labelledby", idOf(select));
    });
  };
  // After Django has made them.
  window.addEventListener("load", () => django.jQuery(() => setTimeout(name)));
  document.addEventListener("formset:added", () => setTimeout(name));
}
