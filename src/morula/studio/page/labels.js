// Labels of frames as tiles of numbers: those at full resolution can be drawn on, coarser ones are only looked at.

import * as api from './api.js';
import { kindOfNumbers, nothing, stateOf } from './project.js';
import { SIDE, boxOf, highestLevel, tilesIn } from './tiles.js';

const KEPT = 640; // tiles, 64 or 128 KB each
const TOGETHER = 3;
const BLOCK = 8; // tiles a side that are loaded at once, where a stroke needs many
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
      waiting: [],
      busy: 0,
      failed: false,
      bare: false,
    });
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
    this.held = new Map(); // frames into which nobody writes now, and how often
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

  /** Call with a tile at full resolution as soon as it may be written: at once, if it is there. In the order of asking. */
  when(frame, x, y, act) {
    const tile = this.#known(frame, { level: 0, x, y });
    const known = tile.busy || (tile.there && !tile.stale && !this.loading.has(tile));
    if (known && !tile.waiting.length && !this.held.has(frameOf(frame))) {
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

  /** Let nobody write into a frame while `act` has it changed elsewhere; then what is known of it is loaded again. */
  async hold(frame, act) {
    const key = frameOf(frame);
    this.held.set(key, (this.held.get(key) ?? 0) + 1);
    try {
      return await act();
    } finally {
      const left = this.held.get(key) - 1;
      if (left) this.held.set(key, left);
      else this.held.delete(key);
      this.reload(frame.image.id, frame.t);
      this.#pump();
    }
  }

  /** Someone else changed a frame, or a box of one of its slices: what is known of it is loaded again when it is needed. */
  reload(id, t, z = null, box = null) {
    for (const [key, tile] of this.tiles) {
      const { image, t: moment, z: slice } = tile.frame;
      if (image.id !== id || moment !== t || (z !== null && slice !== z)) continue;
      if (box && !overlap(boxOf(image, tile), box)) continue;
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
    while (new Set(this.loading.values()).size < TOGETHER) {
      const free = (tile) => !tile.failed && !this.loading.has(tile);
      const waits = (tile) => free(tile) && !this.held.has(frameOf(tile.frame));
      const next = first(this.needed, waits);
      if (next) {
        this.#load([...this.needed].filter((tile) => blockOf(tile) === blockOf(next) && waits(tile)));
        continue;
      }
      const seen = first(this.wanted, (tile) => (!tile.there || tile.stale) && !tile.busy && free(tile));
      if (!seen) return;
      this.#load([seen]);
    }
  }

  /** Load one tile, or several of one block. */
  async #load(tiles) {
    const controller = new AbortController();
    for (const tile of tiles) {
      this.loading.set(tile, controller);
      tile.stale = false;
    }
    try {
      const came = await api.bytes(addressOf(this.source(), tiles), { signal: controller.signal });
      for (const tile of tiles) {
        if (tile.busy) tile.stale = true;
        else fillTile(tile, came, tiles.length > 1 ? BLOCK : 1);
        tile.there = true;
      }
    } catch (error) {
      for (const tile of tiles) tile.stale = tile.there;
      if (error.name !== 'AbortError') this.#failed(tiles);
    } finally {
      for (const tile of tiles) this.loading.delete(tile);
    }
    for (const tile of tiles) {
      if (!tile.there || (tile.stale && !tile.busy) || this.held.has(frameOf(tile.frame))) continue;
      this.needed.delete(tile);
      for (const act of tile.waiting.splice(0)) act(tile);
      this.arrived(tile);
    }
    this.#pump();
  }

  /** They are not asked for again at once, else a server that is down would be asked without end. */
  #failed(tiles) {
    for (const tile of tiles) tile.failed = true;
    setTimeout(() => {
      for (const tile of tiles) tile.failed = false;
      this.#pump();
    }, AGAIN);
  }
}

function first(tiles, suits) {
  for (const tile of tiles) if (suits(tile)) return tile;
  return undefined;
}

/** Put what came into a tile: what came begins with it, or with the block of so many tiles a side in which it lies. */
function fillTile(tile, came, side) {
  tile.numbers = null;
  if (!came) return;
  const numbers = new (kindOfNumbers())(came.buffer);
  const [width, height] = [came.header('X-Width'), came.header('X-Height')];
  if (width === SIDE && height === SIDE) {
    tile.numbers = numbers;
    return;
  }
  const [left, top] = [(tile.x % side) * SIDE, (tile.y % side) * SIDE];
  const [right, bottom] = [Math.min(left + SIDE, width), Math.min(top + SIDE, height)];
  const all = tile.writable; // the last of a row or column is smaller
  for (let row = top; row < bottom; row += 1)
    all.set(numbers.subarray(row * width + left, row * width + right), (row - top) * SIDE);
}

function overlap([a0, b0, a1, b1], [x0, y0, x1, y1]) {
  return a0 < x1 && x0 < a1 && b0 < y1 && y0 < b1;
}

function frameOf({ image, t }) {
  return `${image.id}/${t}`;
}

function keyOf({ image, t, z }, level, x, y) {
  return `${image.id}/${t}/${z}/${level}/${x}/${y}`;
}

function blockOf({ frame, x, y }) {
  return `${frameOf(frame)}/${frame.z}/${Math.floor(x / BLOCK)}/${Math.floor(y / BLOCK)}`;
}

/** The address of a tile, or of the whole block in which several are. */
function addressOf(source, tiles) {
  const [{ frame, level, x, y }] = tiles;
  const { image, t, z } = frame;
  const here = `/api/images/${image.id}/labels/${source}?t=${t}&z=${z}`;
  if (tiles.length === 1) return `${here}&level=${level}&x=${x}&y=${y}`;
  return `${here}&level=${Math.log2(BLOCK)}&x=${Math.floor(x / BLOCK)}&y=${Math.floor(y / BLOCK)}&fine=true`;
}

/** What people drew, and what a model drew. */
export const annotation = new Labels('annotation');
export const prediction = new Labels('prediction');
