// Sorting in place: where a table holds the whole answer, a click on a heading orders its rows without a new page.
// Without this script, and for longer answers, the heading's link lets the server do it.

const value = (row, place) => row.cells[place].textContent.trim();

const compared = (place, numeric) => (one, other) => {
  const [a, b] = [value(one, place), value(other, place)];
  if (a === "" || b === "") return (a === "") - (b === "");
  return numeric ? Number(a.replaceAll(",", "")) - Number(b.replaceAll(",", "")) : a < b ? -1 : Number(a > b);
};

for (const table of document.querySelectorAll("table.answer[data-whole]")) {
  const heads = [...table.tHead.rows[0].cells];
  const said = document.createElement("p");
  said.className = "unseen";
  said.setAttribute("aria-live", "polite");
  table.parentElement.after(said);
  for (const [place, head] of heads.entries()) {
    head.firstElementChild.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const numeric = head.classList.contains("number");
      const before = head.getAttribute("aria-sort");
      const order = before ? (before === "ascending" ? "descending" : "ascending") : numeric ? "descending" : "ascending";
      const rows = [...table.tBodies[0].rows].sort(compared(place, numeric));
      const filled = rows.filter((row) => value(row, place) !== "");
      const empty = rows.filter((row) => value(row, place) === "");
      table.tBodies[0].append(...(order === "descending" ? filled.reverse() : filled), ...empty);
      for (const other of heads) {
        other.removeAttribute("aria-sort");
        other.querySelector(".arrow").textContent = "";
      }
      head.setAttribute("aria-sort", order);
      head.querySelector(".arrow").textContent = order === "ascending" ? " ↑" : " ↓";
      said.textContent = `Sorted by ${head.textContent.replace(/ [↑↓]$/, "")}, ${order}.`;
      const address = new URL(head.firstElementChild.href);
      const name = address.searchParams.get("sort").replace(/^-/, "");
      address.searchParams.set("sort", order === "descending" ? `-${name}` : name);
      history.replaceState(null, "", address);
    });
  }
}
