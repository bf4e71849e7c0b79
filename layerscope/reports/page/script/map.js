// The map: what it shows, in which colours, and what it says of the box that is pointed at.
const map = byId("map");
const HUES = 8;
const view = { grouping: "directory", colour: "waste", shown: "all", tree: null, at: null, boxes: [], cursor: 0, query: "" };
let hues = new Map();

function plant() {
  view.tree = treeOf(view.grouping, view.shown);
  const sums = new Map();
  for (const leaf of leavesBelow(view.tree.root)) sums.set(layerOf(leaf), (sums.get(layerOf(leaf)) ?? 0) + leaf.size);
  const ranked = [...sums.keys()].sort((a, b) => sums.get(b) - sums.get(a) || a - b).slice(0, HUES);
  // In the order of the stack, so that neighbours in it have neighbouring colours.
  hues = new Map(ranked.sort((a, b) => a - b).map((layer, hue) => [layer, hue]));
  mark();
  goTo(view.tree.root);
}

function goTo(node, from = null) {
  view.at = node;
  draw(from);
  say(`${titleOf(node)}: ${size(node.size)}, ${counted(view.boxes.filter((box) => box.level === 1).length, "box")
    .replace("boxs", "boxes")}`);
}

function draw(keep = null) {
  const width = map.clientWidth;
  const height = map.clientHeight;
  if (!width || !height) return;
  view.boxes = boxesOf(view.at, width, height);
  const elements = view.boxes.map((box, place) => element(box, place, width, height));
  map.replaceChildren(...elements);
  if (!elements.length) map.append(make("p", "nothing", "Nothing here takes any room."));
  const kept = view.boxes.findIndex((box) => box.level === 1 && box.node === keep);
  setCursor(Math.max(0, kept), false);
  drawWay();
  drawLegend();
  read(view.at);
}

function element(box, place, width, height) {
  const { node } = box;
  const outer = box.level === 1;
  const found = make(outer ? "button" : "div", `box ${box.framed ? `framed${box.level % 2 ? "" : " even"}` : paint(node)}`);
  if (outer) {
    found.type = "button";
    found.tabIndex = -1;
    found.setAttribute("aria-label", said(node));
  } else {
    found.setAttribute("aria-hidden", "true");
  }
  found.dataset.place = place;
  found.style.left = `${(box.x / width) * 100}%`;
  found.style.top = `${(box.y / height) * 100}%`;
  found.style.width = `calc(${(box.width / width) * 100}% - 1px)`;
  found.style.height = `calc(${(box.height / height) * 100}% - 1px)`;
  if (view.query && !node.hits) found.classList.add("dimmed");
  if (box.width > (node.lumped ? 52 : 34) && box.height > 15) found.append(label(box));
  return found;
}

function label(box) {
  const { node } = box;
  const text = make("span", "label");
  text.append(make("span", "name", shortName(node)));
  if (box.framed ? box.width > 110 : box.height > 32 && box.width > 62) text.append(make("span", "bytes", size(node.size)));
  return text;
}

function shortName(node) {
  if (node.lumped || node.leaf?.name === null) return `… ${node.count.toLocaleString("en")}`;
  if (node.group !== undefined && view.grouping === "layer") return `${node.group}  ${about.layers[node.group]}`;
  return node.leaf || node.group !== undefined ? node.name : `${node.name}/`;
}

function paint(node) {
  if (view.colour === "layer") {
    const hue = hues.get(mainLayer(node).layer);
    return hue === undefined ? "hue-none" : `hue-${hue}`;
  }
  const wasted = node.size - node.states[0];
  if (wasted / node.size < 0.05) return `state-visible${inBase(node) ? " in-base" : ""}`;
  const worst = [1, 2, 3].reduce((best, state) => (node.states[state] > node.states[best] ? state : best));
  return `state-${STATES[worst]}${wasted / node.size < 0.5 ? " partly" : ""}`;
}

function inBase(node) {
  return about.base !== null && mainLayer(node).layer < about.base;
}

// What there is to say of a node, in one sentence for each thing.
function facts(node) {
  const found = [size(node.size)];
  if (node !== view.at && view.at.size) found[0] += `, ${percent(node.size / view.at.size)} of ${titleOf(view.at)}`;
  if (node.count > 1) found.push(counted(node.count, "file"));
  const wasted = node.size - node.states[0];
  if (node.leaf && stateOf(node.leaf)) {
    const by = hiddenBy(node.leaf);
    const whom = by < 0 ? "a later layer" : by === layerOf(node.leaf) ? "the same layer" : `layer ${by}: ${about.layers[by]}`;
    found.push(`wasted: ${STATE_WORDS[stateOf(node.leaf)]} by ${whom}`);
  } else if (wasted) {
    const parts = [1, 2, 3].filter((state) => node.states[state]);
    found.push(`${size(wasted)} wasted (${parts.map((state) => `${size(node.states[state])} ${STATE_WORDS[state]}`).join(", ")})`);
  }
  if (node.leaf && node.leaf.name !== null && packageOf(node.leaf) > 1) found.push(about.packages[packageOf(node.leaf)]);
  if (node.size) {
    const { layer, ratio, count } = mainLayer(node);
    const most = count > 1 ? `${percent(ratio)} of it from` : "from";
    found.push(`${most} layer ${layer}: ${about.layers[layer]}`);
  }
  return found;
}

function said(node) {
  return `${titleOf(node)}. ${facts(node).join(". ")}`;
}

function read(node) {
  const [path, rest] = byId("map-reading").children;
  path.textContent = titleOf(node);
  rest.replaceChildren(...facts(node).map((fact) => make("span", "", fact)));
}

function drawWay() {
  const steps = [];
  for (let node = view.at; node; node = node.up) steps.unshift(node);
  const items = steps.map((node) => {
    const item = make("li");
    const name = node.group !== undefined && view.grouping === "layer" ? `layer ${node.group}` : node.name;
    if (node === view.at) {
      const here = make("span", "here", name);
      here.setAttribute("aria-current", "location");
      item.append(here);
    } else {
      const step = make("button", "", name);
      step.type = "button";
      step.addEventListener("click", () => goTo(node, steps[steps.indexOf(node) + 1]));
      item.append(step);
    }
    return item;
  });
  const list = make("ol");
  list.append(...items);
  byId("map-way").replaceChildren(list);
}

function drawLegend() {
  const items = view.colour === "layer" ? layerLegend() : wasteLegend();
  byId("map-legend").replaceChildren(
    ...items.map(([style, text, bold]) => {
      const item = make("li");
      item.append(make("span", `swatch ${style}`), `${text} `, make("b", "", bold));
      return item;
    }),
  );
}

function wasteLegend() {
  const base = about.base
    ? leavesBelow(view.at).reduce((sum, leaf) => sum + (stateOf(leaf) || layerOf(leaf) >= about.base ? 0 : leaf.size), 0)
    : 0;
  const rows = [["visible in-base", "visible, from the base", base]];
  for (const state of STATES.keys()) rows.push([STATES[state], STATE_WORDS[state], view.at.states[state]]);
  rows[1][1] = base ? "visible, own" : "visible";
  rows[1][2] -= base;
  return rows.filter((row) => row[2]).map(([style, text, bytes]) => [`state-${style}`, text, size(bytes)]);
}

function layerLegend() {
  const sums = new Map();
  for (const leaf of leavesBelow(view.at)) {
    const key = hues.has(layerOf(leaf)) ? layerOf(leaf) : -1;
    sums.set(key, (sums.get(key) ?? 0) + leaf.size);
  }
  const items = [...hues].filter(([layer]) => sums.has(layer));
  const told = items.map(([layer, hue]) => [`hue-${hue}`, `${layer}  ${about.layers[layer].slice(0, 40)}`, size(sums.get(layer))]);
  return sums.has(-1) ? [...told, ["hue-none", "other layers", size(sums.get(-1))]] : told;
}

// Search: what matches keeps its colour.
function mark() {
  const wanted = view.query.toLowerCase();
  const waiting = [view.tree.root];
  const nodes = [];
  while (waiting.length) {
    const node = waiting.pop();
    node.hits = 0;
    nodes.push(node);
    waiting.push(...node.kids);
  }
  if (!wanted) return { count: 0, bytes: 0 };
  let count = 0;
  let bytes = 0;
  for (const node of nodes) {
    if (!node.leaf) continue;
    const path = node.leaf.name === null ? `${folderPaths[node.leaf.folder]}/` : titleOf(node);
    if (!path.toLowerCase().includes(wanted)) continue;
    count += node.leaf.count;
    bytes += node.leaf.size;
    for (let at = node; at; at = at.up) at.hits += 1;
  }
  return { count, bytes };
}

function search(text) {
  view.query = text.trim();
  const { count, bytes } = mark();
  draw(view.boxes[view.cursor]?.node);
  if (view.query) {
    const found = `${counted(count, "file")} with “${view.query}” in the path, ${size(bytes)}`;
    byId("map-reading").lastElementChild.replaceChildren(make("span", "", found));
    say(found);
  }
}

// Down to where everything that matches is.
function goToMatches() {
  let node = view.tree.root;
  for (;;) {
    const hit = node.kids.filter((kid) => kid.hits);
    if (hit.length !== 1 || hit[0].leaf) break;
    [node] = hit;
  }
  goTo(node);
}
