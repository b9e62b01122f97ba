// Labels of frames as tiles of numbers: those at full resolution can be drawn on, coarser ones are only looked at.

import * as api from './api.js';
import { kindOfNumbers, nothing, stateOf } from './project.js';
import { SIDE, boxOf, highestLevel, tilesIn } from './tiles.js';

const KEPT = 640; // tiles, 64 or 128 KB each
const TOGETHER = 3;
const AGAIN = 2000; // ms after which a tile that could not be loaded is asked for again
const MOST_AT_ONCE = 144; // tiles at full resolution that are loaded for being in sight

/** A tile. `numbers` is null as long as nobody annotated anything in it; before it is `there`, whoever needs it waits.
 * It is `busy` while strokes in it are drawn or saved: then it knows more than the server. */
class LabelTile {
  constructor(frame, { level, x, y }) {
    Object.assign(this, {
      frame,
      level,
      x,
      y,
      numbers: null,
      there: false,
      stale: false,
      edited: false,
      counted: null,
      waiting: [],
      busy: 0,
      failed: false,
      bare: false,
    });
  }

  /** The largest number of an object in it, counted once; what is erased later keeps its number from being given again. */
  get largest() {
    if (this.counted !== null) return this.counted;
    this.counted = 0;
    for (const number of this.numbers ?? []) if (number > this.counted && number !== nothing()) this.counted = number;
    return this.counted;
  }

  /** A number was drawn in it. */
  drew(number) {
    if (number !== nothing() && number > this.largest) this.counted = number;
    this.edited = true;
  }

  /** The numbers, made if there were none. */
  get writable() {
    this.numbers ??= new (kindOfNumbers())(SIDE * SIDE).fill(nothing());
    return this.numbers;
  }
}

export class Labels {
  /** @param which annotation or prediction: what the server calls it */
  constructor(which) {
    this.which = which;
    this.tiles = new Map();
    this.loading = new Map();
    this.wanted = []; // to look at
    this.needed = new Set(); // to go on with a stroke: these come first
    this.highest = new Map(); // by frame: the largest object number, as the server knows it
    this.arrived = () => {};
    this.source = () => which;
  }

  /** A tile that is there, or undefined. */
  tile(frame, level, x, y) {
    const tile = this.tiles.get(keyOf(frame, level, x, y));
    return tile?.there ? tile : undefined;
  }

  /** Ask for what a view needs, at the level that suits it, and, if it will be drawn on, at full resolution. */
  want(frame, level, box, drawnOn) {
    const asked = tilesIn(frame.image, level, box);
    if (level > 0 && drawnOn) {
      const full = tilesIn(frame.image, 0, box);
      if (full.length <= MOST_AT_ONCE) asked.push(...full);
    }
    this.wanted = asked.map((tile) => this.#known(frame, tile)).filter((tile) => !tile.there || tile.stale);
    const still = new Set(this.wanted);
    for (const [tile, controller] of this.loading) if (!still.has(tile) && !tile.waiting.length) controller.abort();
    this.#pump();
  }

  /** Call with a tile at full resolution as soon as it is there: at once, if it is. In the order of asking. */
  when(frame, x, y, act) {
    const tile = this.#known(frame, { level: 0, x, y });
    if (tile.there) {
      act(tile);
      return;
    }
    tile.waiting.push(act);
    this.needed.add(tile);
    this.#pump();
  }

  /** The number at a pixel, as far as it is known. */
  at(frame, x, y) {
    for (let level = 0; level <= highestLevel(frame.image); level += 1) {
      const side = SIDE * 2 ** level;
      const tile = this.tile(frame, level, Math.floor(x / side), Math.floor(y / side));
      if (tile)
        return tile.numbers
          ? tile.numbers[(Math.floor(y % side) >> level) * SIDE + (Math.floor(x % side) >> level)]
          : nothing();
    }
    return nothing();
  }

  /** The largest object number known in a frame, in sight or not. */
  largest(frame) {
    let largest = this.highest.get(momentOf(frame)) ?? 0;
    for (const tile of this.tiles.values()) {
      if (tile.frame.image.id === frame.image.id && tile.frame.t === frame.t) largest = Math.max(largest, tile.largest);
    }
    return largest;
  }

  /** Someone else changed a frame, or a box of one of its slices: what is known of it is loaded again when it is needed. */
  reload(id, t, z = null, box = null) {
    for (const [key, tile] of this.tiles) {
      const { image, t: moment, z: slice } = tile.frame;
      if (image.id !== id || moment !== t || (z !== null && slice !== z)) continue;
      if (box && !overlap(boxOf(image, tile), box)) continue;
      if (tile.waiting.length) continue;
      this.loading.get(tile)?.abort();
      if (tile.level > 0) this.tiles.delete(key);
      else tile.stale = true;
    }
  }

  /** Coarse tiles do not know what was drawn meanwhile. */
  forgetCoarse({ image, t }) {
    for (const [key, tile] of this.tiles) {
      if (tile.level > 0 && tile.frame.image.id === image.id && tile.frame.t === t) this.tiles.delete(key);
    }
  }

  /** Forget everything but what somebody waits for. */
  forget() {
    for (const [key, tile] of this.tiles) if (!tile.waiting.length) this.tiles.delete(key);
  }

  #known(frame, { level, x, y }) {
    const key = keyOf(frame, level, x, y);
    let tile = this.tiles.get(key);
    if (tile) this.tiles.delete(key);
    else {
      tile = new LabelTile({ image: frame.image, t: frame.t, z: frame.z }, { level, x, y });
      tile.bare = this.#isBare(frame);
      tile.there = tile.bare;
    }
    if (tile.bare && !tile.edited && !this.#isBare(frame)) Object.assign(tile, { bare: false, there: false });
    this.tiles.set(key, tile);
    this.#tidy(tile);
    return tile;
  }

  /** Whether nobody drew anything in the whole frame: then there is nothing to ask for. */
  #isBare(frame) {
    const state = stateOf(frame);
    if (this.which === 'annotation') return state.annotated === 'no';
    return this.source() === 'prediction' && !state.predicted;
  }

  /** Forget what was not needed for long; never `needed`, nor what knows more than the server. */
  #tidy(needed) {
    for (const [key, tile] of this.tiles) {
      if (this.tiles.size <= KEPT) return;
      if (tile === needed || tile.waiting.length || tile.busy) continue;
      this.tiles.delete(key);
      if (tile.edited) this.forgetCoarse(tile.frame);
    }
  }

  #pump() {
    while (this.loading.size < TOGETHER) {
      const next =
        first(this.needed, (tile) => !tile.failed && !this.loading.has(tile)) ??
        first(
          this.wanted,
          (tile) => (!tile.there || tile.stale) && !tile.failed && !tile.busy && !this.loading.has(tile),
        );
      if (!next) return;
      this.#load(next);
    }
  }

  async #load(tile) {
    const controller = new AbortController();
    this.loading.set(tile, controller);
    tile.stale = false;
    try {
      const came = await api.bytes(addressOf(this.source(), tile), { signal: controller.signal });
      if (tile.busy) tile.stale = true;
      else fillTile(tile, came);
      if (came) this.highest.set(momentOf(tile.frame), came.header('X-Highest'));
      tile.there = true;
    } catch (error) {
      tile.stale = tile.there;
      if (error.name !== 'AbortError') {
        tile.failed = true; // not asked for again at once, else a server that is down would be asked without end
        setTimeout(() => {
          tile.failed = false;
          this.#pump();
        }, AGAIN);
      }
    } finally {
      this.loading.delete(tile);
    }
    if (tile.there) {
      this.needed.delete(tile);
      for (const act of tile.waiting.splice(0)) act(tile);
      this.arrived(tile);
    }
    this.#pump();
  }
}

function first(tiles, suits) {
  for (const tile of tiles) if (suits(tile)) return tile;
  return undefined;
}

function fillTile(tile, came) {
  tile.counted = null;
  if (!came) {
    tile.numbers = null;
    return;
  }
  const numbers = new (kindOfNumbers())(came.buffer);
  const [width, height] = [came.header('X-Width'), came.header('X-Height')];
  tile.numbers = null;
  if (width === SIDE && height === SIDE) {
    tile.numbers = numbers;
    return;
  }
  const all = tile.writable; // the last of a row or column is smaller
  for (let row = 0; row < height; row += 1) all.set(numbers.subarray(row * width, (row + 1) * width), row * SIDE);
}

function overlap([a0, b0, a1, b1], [x0, y0, x1, y1]) {
  return a0 < x1 && x0 < a1 && b0 < y1 && y0 < b1;
}

function momentOf({ image, t }) {
  return `${image.id}/${t}`;
}

function keyOf({ image, t, z }, level, x, y) {
  return `${image.id}/${t}/${z}/${level}/${x}/${y}`;
}

function addressOf(source, { frame: { image, t, z }, level, x, y }) {
  return `/api/images/${image.id}/labels/${source}?t=${t}&z=${z}&level=${level}&x=${x}&y=${y}`;
}

/** What people drew, and what a model drew. */
export const annotation = new Labels('annotation');
export const prediction = new Labels('prediction');
