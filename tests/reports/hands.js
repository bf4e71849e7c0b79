// Hands and eyes for a page under test: what a person does, and what is to be seen then.
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const $ = (query) => document.querySelector(query);
const all = (query) => [...document.querySelectorAll(query)];
const key = (name) => document.activeElement.dispatchEvent(
  new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
const type = (query, text) => {
  $(query).value = text;
  $(query).dispatchEvent(new Event("input", { bubbles: true }));
};
const choose = (query, value) => {
  $(query).value = value;
  $(query).dispatchEvent(new Event("change", { bubbles: true }));
};
const outer = () => all("#map > button.box");
const label = (box) => box.getAttribute("aria-label");
const way = () => all("#map-way li").map((item) => item.textContent);
const cells = (query, column) => all(`${query} tbody tr:not([hidden])`).map((row) => row.cells[column].textContent);
const titleOf = (element) => document.getElementById(element.getAttribute("aria-labelledby"));
const named = (element) =>
  (element.getAttribute("aria-label") || element.textContent || element.labels?.[0]?.textContent || "").trim();

// The text of least contrast with what is behind it, by the formula of WCAG.
const painter = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const channels = (colour) => {
  painter.clearRect(0, 0, 1, 1);
  painter.fillStyle = colour;
  painter.fillRect(0, 0, 1, 1);
  return [...painter.getImageData(0, 0, 1, 1).data];
};
const luminance = (colour) => {
  const linear = (value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const [red, green, blue] = channels(colour).map((value) => linear(value / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const behind = (element) => {
  let at = element;
  while (at && channels(getComputedStyle(at).backgroundColor)[3] === 0) at = at.parentElement;
  return getComputedStyle(at ?? document.body).backgroundColor;
};
const worstContrast = () => {
  let found = [99, ""];
  for (const element of all("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const seen = element.getClientRects().length && !element.closest("svg, script, .unseen, .skip");
    if (!own || !seen) continue;
    const colours = [getComputedStyle(element).color, behind(element)].map(luminance).sort((a, b) => b - a);
    const ratio = (colours[0] + 0.05) / (colours[1] + 0.05);
    if (ratio < found[0]) found = [ratio, `${element.className}: ${element.textContent.slice(0, 40)}`];
  }
  return found;
};

const hands = async () => { ACTIONS };
window.addEventListener("load", async () => {
  let found;
  try { found = await hands(); } catch (error) { found = String(error.stack); }
  const told = document.createElement("pre");
  told.id = "told";
  told.textContent = JSON.stringify(found);
  document.body.append(told);
});
