// A stroke: numbers written into label tiles at once, and what changed as runs, for the server and for undo.

import { annotation } from './labels.js';
import { say } from './messages.js';
import { nextNumber } from './numbers.js';
import { nothing, stateOf, tell } from './project.js';
import { LEAVE, Runs, fillUnlocked, reloadRefused } from './runs.js';
import { pieces, save, strokeBegins, strokeEnds } from './saving.js';
import { SIDE } from './tiles.js';

const OFTEN = 800; // ms after which a stroke that is still being drawn is sent as far as it is

const going = new Set(); // strokes that are being drawn

/** A page that is closed in the middle of a stroke still sends it. */
addEventListener('pagehide', () => going.forEach((stroke) => stroke.sendSoFar()));

export class Stroke {
  /**
   * @param frame `{ image, t, z }`
   * @param number that it writes; null is that of a new object
   * @param kept whether what is drawn already stays as it is
   */
  constructor({ image, t, z }, number, { kept = false } = {}) {
    this.frame = { image, t, z };
    this.number = number;
    this.kept = kept;
    this.locked = new Set(stateOf(this.frame).locked);
    this.before = new Map(); // tiles, and their numbers as they were
    this.box = null; // of all that was painted
    this.unsent = null;
    this.waiting = 0; // parts whose tile is still on its way
    this.ended = false;
    this.sent = performance.now(); // when it was last sent
    this.wasSent = false;
    this.sending = 0; // parts on their way to the disk
    this.released = null; // called once all are there
    going.add(this);
    strokeBegins();
    if (number === null) this.#takeNumber();
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
        this.#numbered(() => annotation.when(this.frame, x, y, (tile) => this.#write(tile, spans)));
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
    const sent = this.wasSent
      ? pieces(this.box)
          .map((box) => this.#runs(box))
          .filter(Boolean)
      : [];
    this.number = LEAVE;
    for (const [tile, numbers] of this.before) tile.writable.set(numbers);
    this.unsent = null;
    for (const { box, before, after } of sent) save(this.frame, { box, runs: before, over: after });
    if (this.box) tell('labels', { box: this.box });
    this.#release();
    this.before.clear();
  }

  #takeNumber() {
    const number = nextNumber(this.frame);
    if (typeof number === 'number') this.number = number;
    else
      this.coming = number
        .then((came) => {
          this.number ??= came;
        })
        .catch((error) => {
          say(`This stroke is not kept: a new object needs a number. ${error.message}`, { wrong: true });
          this.cancel();
        });
  }

  /** Act as soon as it is known which number is written. */
  #numbered(act) {
    if (this.number !== null) act();
    else this.coming.then(act);
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
    for (let at = firstFrom(spans, top); at < spans.length; at += 3) {
      const row = spans[at] - top;
      if (row >= lastRow) break;
      const start = row * SIDE + Math.max(0, spans[at + 1] - left);
      const end = row * SIDE + Math.min(lastColumn, spans[at + 2] - left);
      if (end <= start) continue;
      if (this.kept) {
        for (let pixel = start; pixel < end; pixel += 1) if (numbers[pixel] === none) numbers[pixel] = this.number;
      } else fillUnlocked(numbers, this.number, start, end, this.locked);
    }
    tile.edited = true;
  }

  #finish() {
    if (this.number === LEAVE) return;
    const parts = this.box
      ? pieces(this.box)
          .map((box) => this.#runs(box))
          .filter(Boolean)
      : [];
    if (parts.length) tell('stroke', { frame: this.frame, parts });
    else if (this.box && this.#meetsLocked()) say('This object is locked. Pick it and press L to unlock it.');
    if (this.unsent) this.#send();
    strokeEnds();
    if (this.sending) this.released = () => this.#release();
    else this.#release();
  }

  #send() {
    const box = this.unsent;
    this.unsent = null;
    this.sent = performance.now();
    for (const piece of pieces(box)) {
      const part = this.#runs(piece);
      if (!part) continue;
      this.wasSent = true;
      this.sending += 1;
      save(this.frame, { box: part.box, runs: part.after }, (error) => {
        this.sending -= 1;
        if (error) reloadRefused(this.frame);
        if (this.sending === 0) this.released?.();
      });
    }
  }

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
    let band = [];
    for (let y = y0; y < y1; y += 1) {
      if (y === y0 || (y & 255) === 0) band = this.#tilesOf(y >> 8, x0, x1);
      for (let x = x0; x < x1;) {
        const tile = band[(x >> 8) - (x0 >> 8)];
        let count = Math.min(x1, ((x >> 8) + 1) * SIDE) - x;
        if (tile) {
          const { old, now } = tile;
          const at = (y & 255) * SIDE + (x & 255);
          const [was, is] = [old[at], now[at]];
          const most = count;
          for (count = 1; count < most && old[at + count] === was && now[at + count] === is;) count += 1;
          before.add(was === is ? LEAVE : was, count);
          after.add(was === is ? LEAVE : is, count);
        } else {
          before.add(LEAVE, count);
          after.add(LEAVE, count);
        }
        x += count;
      }
    }
    return { box: changed, before: before.list, after: after.list };
  }

  /** The tiles of a row of tiles that were drawn in, as they were and as they are. */
  #tilesOf(y, x0, x1) {
    const found = [];
    for (let x = x0 >> 8; x <= (x1 - 1) >> 8; x += 1) {
      const tile = annotation.tile(this.frame, 0, x, y);
      const old = tile && this.before.get(tile);
      found.push(old ? { old, now: tile.numbers } : null);
    }
    return found;
  }

  #meetsLocked() {
    if (!this.locked.size || this.locked.has(this.number)) return false;
    return [...this.before.values()].some((numbers) => numbers.some((number) => this.locked.has(number)));
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

/** The first of spans, which are ordered by rows, that lies in a row or below it. */
function firstFrom(spans, row) {
  let [low, high] = [0, spans.length / 3];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[3 * middle] < row) low = middle + 1;
    else high = middle;
  }
  return 3 * low;
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
