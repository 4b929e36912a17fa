"use strict";

// Tables of the class "sortable": a button in each heading. Without this script they are in the order of the report.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const first = heading.dataset.first || "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const order = heading.getAttribute("aria-sort") === first ? other : first;
      headings.forEach(each => each.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const isNumber = heading.classList.contains("number");
      const rows = [...body.rows].map(row => ({ row, key: keyOf(row.cells[column], isNumber) }));
      rows.sort((a, b) => compare(a.key, b.key, sign));
      body.append(...rows.map(each => each.row));
    });
  });
}

function keyOf(cell, isNumber) {
  if (!isNumber) {
    return cell.textContent.trim();
  }
  return cell.dataset.value === undefined ? null : Number(cell.dataset.value);
}

// What is missing comes last in either order.
function compare(a, b, sign) {
  if (a === null || b === null) {
    return (a === null) - (b === null);
  }
  return sign * (typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true }));
}

// One sound at a time.
document.addEventListener("play", event => {
  for (const player of document.querySelectorAll("audio")) {
    if (player !== event.target) {
      player.pause();
    }
  }
}, true);
