// Hands on the map: keys, pointer, the choices above it, and the ways that lead to it.
function setCursor(place, focus) {
  map.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
  view.cursor = place;
  const chosen = map.children[place];
  if (!chosen || !view.boxes.length) return;
  chosen.tabIndex = 0;
  if (focus) chosen.focus({ preventScroll: true });
}

// The outer box beside the cursor's in a direction, of those that are nearest the one that faces it most.
function neighbour(dx, dy) {
  const here = view.boxes[view.cursor];
  let best = null;
  for (const [place, box] of view.boxes.entries()) {
    if (box.level !== 1 || place === view.cursor) continue;
    const apart = dx
      ? (dx > 0 ? box.x - here.x - here.width : here.x - box.x - box.width)
      : (dy > 0 ? box.y - here.y - here.height : here.y - box.y - box.height);
    const shared = dx
      ? Math.min(box.y + box.height, here.y + here.height) - Math.max(box.y, here.y)
      : Math.min(box.x + box.width, here.x + here.width) - Math.max(box.x, here.x);
    if (apart < -0.5 || shared <= 0.5) continue;
    const found = { place, apart: Math.max(0, apart), shared };
    if (!best || found.apart < best.apart - 0.5 || (found.apart < best.apart + 0.5 && found.shared > best.shared)) best = found;
  }
  return best?.place ?? null;
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function enter(node) {
  const folder = node.leaf || node.lumped ? node.up : node;
  if (folder === view.at || !folder.kids.length) return read(node);
  const focused = map.contains(document.activeElement);
  goTo(folder);
  if (focused) setCursor(0, true);
  return undefined;
}

function leave() {
  if (!view.at.up) return;
  goTo(view.at.up, view.at);
  setCursor(view.cursor, true);
}

map.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || !view.boxes.length) return;
  if (ARROWS[event.key]) {
    const place = neighbour(...ARROWS[event.key]);
    if (place !== null) setCursor(place, true);
  } else if (event.key === "Home") {
    setCursor(0, true);
  } else if (event.key === "Backspace" || event.key === "Escape") {
    leave();
  } else if (event.key === "/") {
    byId("map-search").focus();
  } else {
    return;
  }
  event.preventDefault();
});

function nodeAt(event) {
  const place = event.target.closest?.(".box")?.dataset.place;
  return place === undefined ? null : view.boxes[place].node;
}

map.addEventListener("click", (event) => {
  const node = nodeAt(event);
  if (node) enter(node);
});
map.addEventListener("pointerover", (event) => {
  const node = nodeAt(event);
  if (node) read(node);
});
map.addEventListener("pointerleave", () => read(view.at));
map.addEventListener("focusin", (event) => {
  const node = nodeAt(event);
  if (!node) return;
  setCursor(Number(event.target.dataset.place), false);
  read(node);
});

for (const [id, key] of [["map-group", "grouping"], ["map-shown", "shown"]]) {
  byId(id).addEventListener("change", (event) => {
    view[key] = event.target.value;
    plant();
  });
}
byId("map-colour").addEventListener("change", (event) => {
  view.colour = event.target.value;
  draw(view.boxes[view.cursor]?.node);
});
let typing = 0;
byId("map-search").addEventListener("input", (event) => {
  clearTimeout(typing);
  typing = setTimeout(() => search(event.target.value), 120);
});
byId("map-search").addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  clearTimeout(typing);
  search(event.target.value);
  if (view.query) goToMatches();
});

function choose(grouping) {
  byId("map-group").value = view.grouping = grouping;
  byId("map-shown").value = view.shown = "all";
  plant();
}

function showMap() {
  byId("where").scrollIntoView({ block: "start" });
  setCursor(view.cursor, true);
}

function showLayer(number) {
  choose("layer");
  const top = view.tree.tops.get(number);
  if (top) goTo(top);
  else say(`layer ${number} ships no content`);
  showMap();
}

// As near to a path as the map knows it; what is too small to be named is in its directory.
function showPath(path) {
  choose("directory");
  let node = view.tree.root;
  for (const part of path.split("/").slice(1)) {
    const kid = node.kids.find((one) => one.name === part);
    if (!kid) break;
    node = kid;
  }
  const folder = node.leaf ? node.up : node;
  goTo(folder, node);
  showMap();
  read(node);
}

document.addEventListener("click", (event) => {
  const layer = event.target.closest?.("[data-layer]");
  if (layer) showLayer(Number(layer.dataset.layer));
  const path = event.target.closest?.("button.path");
  if (path) showPath(path.textContent);
  const link = event.target.closest?.(".layer-link");
  if (link) document.querySelector(link.getAttribute("href")).open = true;
});

// Paths are plain text in the page; here they lead to the map.
function linkPaths() {
  for (const text of document.querySelectorAll("code.path")) {
    const link = make("button", "path", text.textContent);
    link.type = "button";
    link.title = "Show in the map";
    text.replaceWith(link);
  }
}

function startMap() {
  const small = source.rest.counts.reduce((sum, count) => sum + count, 0);
  if (small) {
    const bytes = source.rest.sizes.reduce((sum, one) => sum + one, 0);
    byId("map-thinned").textContent =
      `The largest ${counted(source.files.sizes.length, "file")} are here by name, and ${counted(small, "smaller file")}, ` +
      `${size(bytes)}, as sums for each directory: these a search finds by their directory only.`;
  }
  const wasted = leaves.some((leaf) => stateOf(leaf));
  byId("map-colour").value = view.colour = wasted ? "waste" : "layer";
  plant();
  let width = map.clientWidth;
  new ResizeObserver(() => {
    if (map.clientWidth === width) return;
    width = map.clientWidth;
    requestAnimationFrame(() => draw(view.boxes[view.cursor]?.node));
  }).observe(map);
}

linkPaths();
startMap();
