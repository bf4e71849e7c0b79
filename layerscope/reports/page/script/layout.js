// Squarified boxes (Bruls, Huizing, van Wijk): rows along the shorter side, as near to squares as can be.
function squarify(nodes, x, y, width, height, put) {
  const total = nodes.reduce((sum, node) => sum + node.size, 0);
  if (!total || width <= 0 || height <= 0) return;
  const scale = (width * height) / total;
  let start = 0;
  while (start < nodes.length) {
    const side = Math.min(width, height);
    let end = start;
    let area = 0;
    let worst = Infinity;
    while (end < nodes.length) {
      const grown = area + nodes[end].size * scale;
      const next = worstRatio(nodes[start].size * scale, nodes[end].size * scale, grown, side);
      if (next > worst) break;
      worst = next;
      area = grown;
      end += 1;
    }
    const thickness = area / side;
    let along = 0;
    for (let place = start; place < end; place += 1) {
      const length = (nodes[place].size * scale) / thickness;
      if (width >= height) put(nodes[place], x, y + along, thickness, length);
      else put(nodes[place], x + along, y, length, thickness);
      along += length;
    }
    if (width >= height) {
      x += thickness;
      width -= thickness;
    } else {
      y += thickness;
      height -= thickness;
    }
    start = end;
  }
}

function worstRatio(largest, smallest, area, side) {
  const square = side * side;
  return Math.max((square * largest) / (area * area), (area * area) / (square * smallest));
}

const HEADER = 19;
const PADDING = 2;
const LEAST_AREA = 30;
const MOST_KIDS = 400;
const DEEPEST = 8;

// The boxes of what is below a node, outer ones first: { node, x, y, width, height, level, framed }.
function boxesOf(root, width, height) {
  const boxes = [];
  const waiting = [{ node: root, x: 0, y: 0, width, height, level: 1 }];
  while (waiting.length) {
    const frame = waiting.shift();
    const nodes = gathered(frame.node, frame.width * frame.height);
    squarify(nodes, frame.x, frame.y, frame.width, frame.height, (node, x, y, wide, high) => {
      const box = { node, x, y, width: wide, height: high, level: frame.level, framed: false };
      boxes.push(box);
      const room = wide > 48 && high > HEADER + 18 && frame.level < DEEPEST;
      if (room && node.kids.length) {
        box.framed = true;
        waiting.push({
          node,
          x: x + PADDING,
          y: y + HEADER,
          width: wide - 2 * PADDING - 1,
          height: high - HEADER - PADDING - 1,
          level: frame.level + 1,
        });
      }
    });
  }
  return boxes;
}

// The nodes below that are large enough to be seen, and one for all the others.
function gathered(node, area) {
  const kids = kidsOf(node);
  const least = (node.size * LEAST_AREA) / area;
  let count = 0;
  while (count < kids.length && count < MOST_KIDS && kids[count].size >= least && kids[count].leaf?.name !== null) count += 1;
  const large = kids.slice(0, count);
  const small = [];
  for (const kid of kids.slice(count)) {
    if (kid.size >= least && kid.leaf?.name !== null && large.length < MOST_KIDS) large.push(kid);
    else small.push(kid);
  }
  if (small.length) large.push(lumpOf(node, small));
  return large.sort((a, b) => b.size - a.size);
}

function lumpOf(up, kids) {
  const lump = newNode(null, up);
  lump.lumped = kids;
  for (const kid of kids) {
    lump.size += kid.size;
    lump.count += kid.count;
    lump.hits += kid.hits;
    for (const state of STATES.keys()) lump.states[state] += kid.states[state];
  }
  return lump;
}
