// Sizes and shares as the rest of the page writes them: three digits, powers of a thousand.
const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

function size(count) {
  if (count < 1000) return `${count} B`;
  const rounded = Number(count.toPrecision(3));
  const power = Math.floor((String(rounded).length - 1) / 3);
  const digits = 2 - ((String(rounded).length - 1) % 3);
  return `${(rounded / 1000 ** power).toFixed(digits)} ${UNITS[power]}`;
}

function percent(ratio) {
  return `${(ratio * 100).toFixed(1)} %`;
}

function counted(count, word) {
  return `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
}
