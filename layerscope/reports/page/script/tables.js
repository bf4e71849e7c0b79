// Tables show their first rows until asked for all, sort by any column and search; cards likewise.
const FIRST_ROWS = 12;
const FIRST_CARDS = 9;

function startTable(table) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const state = { all: rows.length <= FIRST_ROWS + 3, wanted: "" };
  const more = make("button", "show-all", `Show all ${rows.length.toLocaleString("en")}`);
  more.type = "button";

  function show() {
    let count = 0;
    for (const row of body.rows) {
      const matches = !state.wanted || texts.get(row).includes(state.wanted);
      if (matches) count += 1;
      row.hidden = !matches || (!state.all && !state.wanted && count > FIRST_ROWS);
    }
    more.hidden = state.all || Boolean(state.wanted);
    return count;
  }

  more.addEventListener("click", () => {
    state.all = true;
    show();
    const next = body.rows[FIRST_ROWS]; // or the keyboard would be sent back to the top
    next.tabIndex = -1;
    next.focus({ preventScroll: true });
  });
  if (!state.all) table.parentElement.after(more);
  for (const [column, head] of [...table.tHead.rows[0].cells].entries()) {
    head.querySelector("button").addEventListener("click", () => {
      sort(table, column, head);
      show();
    });
  }
  document.querySelector(`[data-filters="${table.id}"]`)?.addEventListener("input", (event) => {
    state.wanted = event.target.value.trim().toLowerCase();
    say(`${counted(show(), "row")}`);
  });
  show();
}

function valueOf(row, column) {
  const cell = row.cells[column];
  return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
}

// Numbers go down first, words up; a second time the other way round.
function sort(table, column, head) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const first = typeof valueOf(rows[0], column) === "number" ? "descending" : "ascending";
  const other = first === "descending" ? "ascending" : "descending";
  const order = head.getAttribute("aria-sort") === first ? other : first;
  const sign = order === "ascending" ? 1 : -1;
  rows.sort((a, b) => {
    const [left, right] = [valueOf(a, column), valueOf(b, column)];
    return left < right ? -sign : left > right ? sign : 0;
  });
  body.append(...rows);
  for (const cell of table.tHead.rows[0].cells) cell.setAttribute("aria-sort", cell === head ? order : "none");
}

function startCards(cards) {
  const hidden = [...cards.children].slice(FIRST_CARDS);
  if (!hidden.length) return;
  const more = make("button", "show-all", `Show all ${cards.children.length}`);
  more.type = "button";
  for (const card of hidden) card.hidden = true;
  more.addEventListener("click", () => {
    for (const card of hidden) card.hidden = false;
    more.remove();
    hidden[0].querySelector("button")?.focus();
  });
  cards.after(more);
}

for (const table of document.querySelectorAll("table.long")) startTable(table);
for (const cards of document.querySelectorAll(".cards")) startCards(cards);
