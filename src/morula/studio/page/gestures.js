// Pointer and wheel on the view: they move it, or go on to the tool in hand; and the draft of what is being drawn.

import { drawing } from './elements.js';
import { on, place, tell } from './project.js';
import { TOOLS } from './toolbar.js';
import { inHand, isFinished, mayBegin, sizeName, toolbox } from './toolbox.js';
import { camera, draftTransform, panBy, toImage, whenMoved, zoomBy } from './view.js';

const box = document.getElementById('view');
const draft = document.getElementById('draft');
const POINT = 4; // pixels of the screen, of the ring around a pointer that keys move
const STILL = 4; // pixels of the screen that a pointer may move and still click

const pointers = new Map(); // that touch the view: where they are
let act = null; // draw, pan or pinch
let pen = null; // the id of a pen that touches the view
let penKnown = false; // whether there is a pen: then it draws, and fingers move the view
let pressed = null; // where the button went down that may become a click
let space = false;
let drawsNow = () => false;
let over = null; // the point of the image under the pointer
let byKeys = false; // whether that pointer is moved by keys

const shapes = {
  group: drawing('g', {}),
  shade: drawing('polyline', { class: 'shade' }),
  line: drawing('polyline', { class: 'line' }),
  corners: drawing('g', { class: 'corners' }),
  ring: drawing('circle', { class: 'ring' }),
};

export function start({ drawn }) {
  drawsNow = drawn;
  shapes.group.append(shapes.shade, shapes.line, shapes.corners);
  draft.append(shapes.group, shapes.ring);
  box.addEventListener('pointerdown', down);
  box.addEventListener('pointermove', move);
  box.addEventListener('pointerup', up);
  box.addEventListener('pointercancel', lost);
  box.addEventListener('pointerleave', () => {
    over = null;
    drawDraft();
  });
  box.addEventListener('wheel', wheel, { passive: false });
  box.addEventListener('contextmenu', (event) => event.preventDefault());
  box.addEventListener('touchstart', (event) => event.preventDefault(), { passive: false }); // no fling eats the next tap
  whenMoved(drawDraft);
  on('toolbox', () => {
    drawDraft();
    markCursor();
  });
  on('step', () => {
    tool().cancel();
    drawDraft();
    markCursor();
  });
  on('place', () => {
    tool().cancel();
    act = null;
    markCursor();
    drawDraft();
  });
  on('draft', drawDraft);
  on('state', markCursor);
  markCursor();
}

/** While space is held, the pointer moves the view. */
export function holdSpace(held) {
  space = held;
  markCursor();
}

/** Offer a key to the tool in hand; true if it took it. */
export function offerKey(name) {
  if (name === 'Escape' && act === 'draw') {
    tool().cancel();
    act = null;
    drawDraft();
    return true;
  }
  const taken = drawsNow() && Boolean(tool().key?.(name));
  if (taken) drawDraft();
  return taken;
}

/** Whether a pointer draws now. */
export function draws() {
  return act === 'draw';
}

/** Begin to draw at a point of the image; false where nothing may be drawn. */
export function begin(point) {
  if (!tool().looks && !mayBegin()) return false;
  tool().down(point);
  return true;
}

/** Show the tool in hand at a point of the image, to which keys have moved it; or nowhere. */
export function pointAt(point, keys) {
  over = point;
  byKeys = keys;
  drawDraft();
}

/** The tool in hand. */
export function tool() {
  return TOOLS[inHand()].made;
}

function down(event) {
  if (!place.image || place.image.problem) return;
  const finger = event.pointerType === 'touch';
  if (finger && pen !== null) return; // the hand that holds the pen
  if (event.pointerType === 'pen') takePen(event.pointerId);
  box.focus({ preventScroll: true });
  box.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, [event.clientX, event.clientY]);
  if (pointers.size === 2) {
    interrupt();
    act = 'pinch';
    pressed = null;
  } else if (pointers.size === 1) {
    const draws = drawsNow() && event.button === 0 && !space && !(finger && penKnown);
    act = draws && begin(pointOf(event)) ? 'draw' : 'pan';
    pressed = drawsNow() || event.button || space ? null : [event.clientX, event.clientY];
    if (event.button === 1) event.preventDefault();
  }
  markCursor();
  drawDraft();
}

/** What fingers and the palm began is given up. */
function takePen(id) {
  interrupt();
  pointers.clear();
  act = null;
  pen = id;
  penKnown = true;
}

function interrupt() {
  const inHand = tool();
  if (act === 'draw') (inHand.back ?? inHand.cancel)();
}

function letGo(id) {
  if (id === pen) pen = null;
  return pointers.delete(id);
}

function move(event) {
  if (pen !== null && event.pointerId !== pen) return;
  byKeys = false;
  over = toImage(event.clientX, event.clientY);
  const before = pointers.get(event.pointerId);
  if (before) {
    const now = [event.clientX, event.clientY];
    if (pressed && Math.hypot(now[0] - pressed[0], now[1] - pressed[1]) > STILL) pressed = null;
    if (act === 'pan') panBy(now[0] - before[0], now[1] - before[1]);
    if (act === 'pinch') pinch(event.pointerId, before, now);
    pointers.set(event.pointerId, now);
    if (act === 'draw') {
      const fine = event.getCoalescedEvents?.() ?? [];
      tool().move((fine.length ? fine : [event]).map(pointOf));
    }
  } else {
    tool().hover?.(over);
  }
  drawDraft();
}

function up(event) {
  if (!letGo(event.pointerId)) return;
  if (act === 'draw') tool().up();
  if (act === 'pan' && pressed) tell('click', toImage(event.clientX, event.clientY));
  act = act === 'pinch' && pointers.size ? 'pan' : null;
  markCursor();
  drawDraft();
}

function lost(event) {
  if (!letGo(event.pointerId)) return;
  if (act === 'draw') tool().cancel();
  act = null;
  drawDraft();
}

function wheel(event) {
  event.preventDefault();
  const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
  if (event.shiftKey) panBy(-(event.deltaX || event.deltaY) * lines, 0);
  else zoomBy(2 ** (-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0025)), [event.clientX, event.clientY]);
}

function pinch(id, before, now) {
  const [, other] = [...pointers].find(([each]) => each !== id) ?? [];
  if (!other) return;
  const apart = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]) || 1;
  zoomBy(apart(now) / apart(before), [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2]);
  panBy((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
}

function pointOf(event) {
  const point = toImage(event.clientX, event.clientY);
  return event.pointerType === 'pen' ? [...point, event.pressure] : point;
}

/** Whether the tool in hand may do something in the frame on screen. */
function mayUse() {
  return drawsNow() && (tool().looks || !isFinished());
}

function markCursor() {
  const draws = mayUse() && !space && act !== 'pan';
  box.dataset.cursor = act === 'pan' ? 'grabbing' : draws ? (tool().round ? 'none' : 'cross') : 'grab';
}

function drawDraft() {
  const going = drawsNow() && place.image ? tool().draft() : null;
  shapes.group.setAttribute('transform', draftTransform());
  const path = going?.closed ? [...going.points, going.points[0]] : (going?.points ?? []);
  const points = path.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  shapes.line.setAttribute('points', points);
  shapes.shade.setAttribute('points', points);
  shapes.corners.replaceChildren(
    ...(going?.corners ?? []).map(([x, y]) => drawing('circle', { cx: x, cy: y, r: 3.5 / camera.scale })),
  );
  const rings =
    mayUse() && over && (tool().round || byKeys) && act !== 'pan' && act !== 'pinch' && !space && place.image;
  shapes.ring.setAttribute('visibility', rings ? 'visible' : 'hidden');
  if (!rings) return;
  const bounds = box.getBoundingClientRect();
  shapes.ring.setAttribute('cx', (over[0] - camera.x) * camera.scale + bounds.width / 2);
  shapes.ring.setAttribute('cy', (over[1] - camera.y) * camera.scale + bounds.height / 2);
  shapes.ring.setAttribute('r', tool().round ? Math.max(1, (toolbox.sizes[sizeName()] / 2) * camera.scale) : POINT);
}
