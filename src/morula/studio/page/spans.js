// Shapes as spans of pixels: `[y, start, end, y, start, end, …]`, row by row, the end not included.
// A pixel belongs to a shape if its middle lies inside.

const MOST = 2 ** 24; // pixels of a region that is filled

/** What a disc of a radius covers on its way from one point to another. The shape is convex: one span a row. */
export function capsule([ax, ay], [bx, by], radius) {
  const spans = [];
  const r = Math.max(radius, 0.5);
  const length = Math.hypot(bx - ax, by - ay);
  const [nx, ny] = length ? [(-(by - ay) / length) * r, ((bx - ax) / length) * r] : [0, 0];
  const corners = [
    [ax + nx, ay + ny],
    [bx + nx, by + ny],
    [bx - nx, by - ny],
    [ax - nx, ay - ny],
  ];
  for (let y = Math.floor(Math.min(ay, by) - r); y <= Math.ceil(Math.max(ay, by) + r); y += 1) {
    const middle = y + 0.5;
    let [left, right] = [Infinity, -Infinity];
    for (const [x, centre] of [
      [ax, ay],
      [bx, by],
    ]) {
      const half = Math.sqrt(r * r - (middle - centre) ** 2);
      if (half >= 0) [left, right] = [Math.min(left, x - half), Math.max(right, x + half)];
    }
    for (let side = 0; length && side < 4; side += 1) {
      const [[x0, y0], [x1, y1]] = [corners[side], corners[(side + 1) % 4]];
      if (y0 > middle === y1 > middle) continue;
      const x = x0 + ((middle - y0) / (y1 - y0)) * (x1 - x0);
      [left, right] = [Math.min(left, x), Math.max(right, x)];
    }
    const [start, end] = [Math.ceil(left - 0.5), Math.floor(right - 0.5) + 1];
    if (start < end) spans.push(y, start, end);
  }
  if (!spans.length) spans.push(Math.floor(by), Math.floor(bx), Math.floor(bx) + 1); // as thin as a pixel, between middles
  return spans;
}

/** What lies inside a closed path. Where it crosses itself, all that it goes around counts as inside. */
export function inside(path) {
  const rows = new Map(); // by row: where the path crosses its middle, and whether downwards
  path.forEach(([x0, y0], at) => {
    const [x1, y1] = path[(at + 1) % path.length];
    const [top, bottom] = y0 < y1 ? [y0, y1] : [y1, y0];
    for (let y = Math.ceil(top - 0.5); y + 0.5 < bottom; y += 1) {
      if (!rows.has(y)) rows.set(y, []);
      rows.get(y).push([x0 + ((y + 0.5 - y0) / (y1 - y0)) * (x1 - x0), y0 < y1 ? 1 : -1]);
    }
  });
  const spans = [];
  for (const y of [...rows.keys()].sort((a, b) => a - b)) {
    let winding = 0;
    let from = 0;
    for (const [x, turn] of rows.get(y).sort((a, b) => a[0] - b[0])) {
      if (winding === 0) from = x;
      winding += turn;
      if (winding !== 0) continue;
      const [start, end] = [Math.ceil(from - 0.5), Math.ceil(x - 0.5)];
      if (start < end) spans.push(y, start, end);
    }
  }
  return spans;
}

/**
 * The pixels of one number that hang together around a pixel; null if they reach the edge of the image, and so are no
 * hole, or are too many.
 *
 * @param read the number at `(x, y)`
 */
export function regionAround(read, x, y, { width, height }) {
  const here = read(x, y);
  const seen = new Set();
  const found = [];
  const ahead = [[x, y]];
  let count = 0;
  while (ahead.length) {
    const [column, row] = ahead.pop();
    if (seen.has(row * width + column)) continue;
    let [start, end] = [column, column + 1];
    while (start > 0 && read(start - 1, row) === here) start -= 1;
    while (end < width && read(end, row) === here) end += 1;
    count += end - start;
    if (start === 0 || end === width || row === 0 || row === height - 1 || count > MOST) return null;
    found.push([row, start, end]);
    for (let at = start; at < end; at += 1) seen.add(row * width + at);
    for (const next of [row - 1, row + 1]) {
      for (let at = start; at < end; at += 1) {
        if (read(at, next) !== here || seen.has(next * width + at)) continue;
        ahead.push([at, next]);
        while (at + 1 < end && read(at + 1, next) === here) at += 1;
      }
    }
  }
  return found.sort((a, b) => a[0] - b[0] || a[1] - b[1]).flat();
}
