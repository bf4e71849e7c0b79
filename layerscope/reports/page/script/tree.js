// The leaves that the page holds, and the trees that can be made of them.
const source = JSON.parse(byId("tree").textContent);
const about = JSON.parse(byId("about").textContent);
const STATES = ["visible", "deleted", "overwritten", "metadata_only"];
const STATE_WORDS = ["visible", "deleted", "overwritten", "copied up"];

const folderNames = source.directories.names.split("/");
const folderPaths = [];
for (const [place, name] of folderNames.entries()) {
  folderPaths.push(place === 0 ? "" : `${folderPaths[source.directories.parents[place]]}/${name}`);
}

// Each leaf: a file of its own, or, without a name, so many smaller ones of one kind in one directory.
const leaves = [];
function readLeaves() {
  const { files, rest, kinds } = source;
  const names = files.names.split("/");
  let next = 0;
  for (const [folder, count] of source.directories.files.entries()) {
    for (const end = next + count; next < end; next += 1) {
      leaves.push({ folder, name: names[next], size: files.sizes[next], count: 1, kind: kinds[files.kinds[next]] });
    }
  }
  for (const [place, folder] of rest.directories.entries()) {
    leaves.push({ folder, name: null, size: rest.sizes[place], count: rest.counts[place], kind: kinds[rest.kinds[place]] });
  }
}
readLeaves();

const layerOf = (leaf) => leaf.kind[0];
const stateOf = (leaf) => leaf.kind[1];
const hiddenBy = (leaf) => leaf.kind[2];
const familyOf = (leaf) => leaf.kind[3];
const packageOf = (leaf) => leaf.kind[4];

function newNode(name, up) {
  return { name, up, kids: [], leaf: null, size: 0, count: 0, states: [0, 0, 0, 0], hits: 0, sorted: false };
}

const GROUPINGS = {
  directory: { group: () => 0, name: null, root: "/" },
  layer: { group: layerOf, name: (number) => `layer ${number}`, root: "all layers" },
  package: { group: packageOf, name: (number) => about.packages[number], root: "all packages" },
  family: { group: familyOf, name: (number) => about.families[number], root: "all file types" },
};
const SHOWN = { all: () => true, visible: (leaf) => !stateOf(leaf), wasted: (leaf) => stateOf(leaf) > 0 };

// A tree of nodes with their sums; `tops` are the nodes of the groups by their number.
function treeOf(groupingName, shownName) {
  const grouping = GROUPINGS[groupingName];
  const root = newNode(grouping.root, null);
  const tops = new Map();
  const folders = new Map();

  function topOf(group) {
    if (!grouping.name) return root;
    if (!tops.has(group)) {
      const top = newNode(grouping.name(group), root);
      top.group = group;
      root.kids.push(top);
      tops.set(group, top);
    }
    return tops.get(group);
  }

  function folderOf(group, place) {
    if (place === 0) return topOf(group);
    const key = group * folderNames.length + place;
    let node = folders.get(key);
    if (!node) {
      const up = folderOf(group, source.directories.parents[place]);
      node = newNode(folderNames[place], up);
      node.place = place;
      up.kids.push(node);
      folders.set(key, node);
    }
    return node;
  }

  for (const leaf of leaves) {
    if (!SHOWN[shownName](leaf)) continue;
    const up = folderOf(grouping.group(leaf), leaf.folder);
    const node = newNode(leaf.name, up);
    node.leaf = leaf;
    up.kids.push(node);
    for (let at = node; at; at = at.up) {
      at.size += leaf.size;
      at.count += leaf.count;
      at.states[stateOf(leaf)] += leaf.size;
    }
  }
  return { root, tops };
}

// The largest first; for equal sizes in the order of their names.
function kidsOf(node) {
  if (!node.sorted) {
    node.kids.sort((a, b) => b.size - a.size || (String(a.name) < String(b.name) ? -1 : 1));
    node.sorted = true;
  }
  return node.kids;
}

function leavesBelow(node) {
  const found = [];
  const waiting = [node];
  while (waiting.length) {
    const next = waiting.pop();
    if (next.leaf) found.push(next.leaf);
    else waiting.push(...(next.lumped ?? next.kids));
  }
  return found;
}

// The layer that ships most of what is below, and its share.
function mainLayer(node) {
  if (node.main === undefined) {
    const sums = new Map();
    for (const leaf of leavesBelow(node)) sums.set(layerOf(leaf), (sums.get(layerOf(leaf)) ?? 0) + leaf.size);
    let best = null;
    for (const [layer, sum] of sums) if (best === null || sum > sums.get(best)) best = layer;
    node.main = { layer: best, ratio: best === null ? 0 : sums.get(best) / node.size, count: sums.size };
  }
  return node.main;
}

// Where a node is, in words; a file's own path, or the way down from its group.
function titleOf(node) {
  if (node.lumped) return `${counted(node.count, "smaller file")} in ${titleOf(node.up)}`;
  if (node.leaf) {
    const folder = folderPaths[node.leaf.folder];
    return node.leaf.name === null ? `${counted(node.leaf.count, "smaller file")} in ${folder || "/"}` : `${folder}/${node.leaf.name}`;
  }
  return node.place === undefined ? node.name : folderPaths[node.place];
}
