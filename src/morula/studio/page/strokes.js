// A stroke: numbers written into label tiles at once, and what changed as runs, for the server and for undo.

import { annotation } from './labels.js';
import { nothing, tell } from './project.js';
import { pieces, save, strokeBegins, strokeEnds } from './saving.js';
import { SIDE } from './tiles.js';

const LEAVE = -1;
const OFTEN = 800; // ms after which a stroke that is still being drawn is sent as far as it is

const going = new Set(); // strokes that are being drawn

/** A page that is closed in the middle of a stroke still sends it. */
addEventListener('pagehide', () => going.forEach((stroke) => stroke.sendSoFar()));

export class Stroke {
  /**
   * @param frame `{ image, t, z }`
   * @param number that it writes
   * @param kept whether what is drawn already stays as it is
   */
  constructor({ image, t, z }, number, { kept = false } = {}) {
    this.frame = { image, t, z };
    this.number = number;
    this.kept = kept;
    this.before = new Map(); // tiles, and their numbers as they were
    this.box = null; // of all that was painted
    this.unsent = null;
    this.waiting = 0; // parts whose tile is still on its way
    this.ended = false;
    this.sent = performance.now();
    going.add(this);
    strokeBegins();
  }

  /** Write the number into spans: `[y, start, end, y, start, end, …]`, the end not included, rows in order. */
  paint(spans) {
    const { image } = this.frame;
    const box = boundsOf(spans, image);
    if (!box) return;
    this.box = united(this.box, box);
    this.unsent = united(this.unsent, box);
    for (let y = box[1] >> 8; y <= (box[3] - 1) >> 8; y += 1) {
      for (let x = box[0] >> 8; x <= (box[2] - 1) >> 8; x += 1) {
        this.waiting += 1;
        annotation.when(this.frame, x, y, (tile) => this.#write(tile, spans));
      }
    }
    tell('labels', { box });
    if (performance.now() - this.sent > OFTEN) this.sendSoFar();
  }

  /** Send what was painted since it was last sent. */
  sendSoFar() {
    if (this.unsent && !this.waiting) this.#send();
  }

  /** No more will be painted. */
  end() {
    going.delete(this);
    this.ended = true;
    if (!this.waiting) this.#finish();
  }

  /** Take it back, as if it had not been. */
  cancel() {
    going.delete(this);
    strokeEnds();
    this.number = LEAVE;
    for (const [tile, numbers] of this.before) tile.writable.set(numbers);
    this.unsent = null;
    if (this.box) {
      if (this.wasSent) save(this.frame, { box: this.box, runs: this.#runs(this.box).after });
      tell('labels', { box: this.box });
    }
    this.#release();
    this.before.clear();
  }

  #write(tile, spans) {
    this.waiting -= 1;
    if (this.number !== LEAVE) this.#fill(tile, spans);
    if (this.ended && !this.waiting) this.#finish();
  }

  #fill(tile, spans) {
    if (!this.before.has(tile)) {
      this.before.set(tile, tile.numbers ? tile.numbers.slice() : tile.writable.slice());
      tile.busy += 1;
    }
    const numbers = tile.writable;
    const [left, top] = [tile.x * SIDE, tile.y * SIDE];
    const { width, height } = this.frame.image;
    const lastRow = Math.min(SIDE, height - top);
    const lastColumn = Math.min(SIDE, width - left);
    const none = nothing();
    for (let at = 0; at < spans.length; at += 3) {
      const row = spans[at] - top;
      if (row < 0 || row >= lastRow) continue;
      const start = row * SIDE + Math.max(0, spans[at + 1] - left);
      const end = row * SIDE + Math.min(lastColumn, spans[at + 2] - left);
      if (end <= start) continue;
      if (!this.kept) numbers.fill(this.number, start, end);
      else for (let pixel = start; pixel < end; pixel += 1) if (numbers[pixel] === none) numbers[pixel] = this.number;
    }
    tile.drew(this.number);
  }

  #finish() {
    if (this.number === LEAVE) return;
    const parts = this.box ? pieces(this.box).map((box) => this.#runs(box)).filter(Boolean) : [];
    if (parts.length) tell('stroke', { frame: this.frame, parts });
    if (this.unsent) this.#send();
    strokeEnds();
    const release = () => this.#release();
    if (this.onDisk) release();
    else this.released = release;
  }

  #send() {
    const box = this.unsent;
    this.unsent = null;
    this.sent = performance.now();
    for (const piece of pieces(box)) {
      const part = this.#runs(piece);
      if (!part) continue;
      this.wasSent = true;
      this.onDisk = false;
      this.sending = (this.sending ?? 0) + 1;
      save(this.frame, { box: part.box, runs: part.after }, () => {
        this.sending -= 1;
        this.onDisk = this.sending === 0;
        if (this.onDisk) this.released?.();
      });
    }
  }

  onDisk = true;

  #release() {
    for (const tile of this.before.keys()) tile.busy -= 1;
    this.released = null;
  }

  /** What changed in a box, cut to where it did: `{ box, before, after }`; null if nothing did. */
  #runs(box) {
    const changed = this.#changed(box);
    if (!changed) return null;
    const [x0, y0, x1, y1] = changed;
    const [before, after] = [new Runs(), new Runs()];
    const { frame } = this;
    for (let y = y0; y < y1; y += 1) {
      for (let x = x0; x < x1;) {
        const end = Math.min(x1, ((x >> 8) + 1) * SIDE);
        const tile = annotation.tile(frame, 0, x >> 8, y >> 8);
        const old = tile && this.before.get(tile);
        if (!old) {
          before.add(LEAVE, end - x);
          after.add(LEAVE, end - x);
          x = end;
          continue;
        }
        let at = (y & 255) * SIDE + (x & 255);
        for (; x < end; x += 1, at += 1) {
          const same = old[at] === tile.numbers[at];
          before.add(same ? LEAVE : old[at], 1);
          after.add(same ? LEAVE : tile.numbers[at], 1);
        }
      }
    }
    return { box: changed, before: before.list, after: after.list };
  }

  #changed([x0, y0, x1, y1]) {
    let found = null;
    for (const [tile, old] of this.before) {
      const [left, top] = [tile.x * SIDE, tile.y * SIDE];
      for (let y = Math.max(y0, top); y < Math.min(y1, top + SIDE); y += 1) {
        const row = (y - top) * SIDE;
        let [start, end] = [row + Math.max(0, x0 - left), row + Math.min(SIDE, x1 - left)];
        while (start < end && old[start] === tile.numbers[start]) start += 1;
        while (end > start && old[end - 1] === tile.numbers[end - 1]) end -= 1;
        if (start < end) found = united(found, [left + start - row, y, left + end - row, y + 1]);
      }
    }
    return found;
  }
}

/** Number, length, number, length and so on. */
class Runs {
  list = [];

  add(number, length) {
    const { list } = this;
    if (list.length && list[list.length - 2] === number) list[list.length - 1] += length;
    else list.push(number, length);
  }
}

/** Write runs over a box of a frame, here and on disk. */
export function rewrite(frame, { box, runs }) {
  const [x0, y0, x1, y1] = box;
  const width = x1 - x0;
  const busy = [];
  for (let y = y0 >> 8; y <= (y1 - 1) >> 8; y += 1) {
    for (let x = x0 >> 8; x <= (x1 - 1) >> 8; x += 1) {
      annotation.when(frame, x, y, (tile) => {
        writeRuns(tile, runs, x0, y0, width);
        tell('labels', { box });
      });
      const tile = annotation.tile(frame, 0, x, y);
      if (tile) busy.push(tile);
    }
  }
  for (const tile of busy) tile.busy += 1;
  save(frame, { box, runs }, () => busy.forEach((tile) => { tile.busy -= 1; }));
}

function writeRuns(tile, runs, x0, y0, width) {
  const [left, top] = [tile.x * SIDE, tile.y * SIDE];
  const numbers = tile.writable;
  let at = 0;
  for (let run = 0; run < runs.length; run += 2) {
    const end = at + runs[run + 1];
    if (runs[run] === LEAVE) at = end;
    while (at < end) {
      const row = Math.floor(at / width);
      const y = y0 + row - top;
      const rowEnd = Math.min(end, (row + 1) * width);
      if (y >= 0 && y < SIDE) {
        const start = Math.max(0, x0 + at - row * width - left);
        const stop = Math.min(SIDE, x0 + rowEnd - row * width - left);
        if (start < stop) numbers.fill(runs[run], y * SIDE + start, y * SIDE + stop);
      }
      at = rowEnd;
    }
  }
  for (let run = 0; run < runs.length; run += 2) tile.drew(runs[run]);
}

function boundsOf(spans, { width, height }) {
  let box = null;
  for (let at = 0; at < spans.length; at += 3) {
    const [y, start, end] = [spans[at], Math.max(0, spans[at + 1]), Math.min(width, spans[at + 2])];
    if (y >= 0 && y < height && start < end) box = united(box, [start, y, end, y + 1]);
  }
  return box;
}

function united(a, b) {
  return a ? [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])] : b;
}
