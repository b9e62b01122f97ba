// The view: a camera over the frame on screen. Draws picture and labels when they change, at most once a screen refresh.

import { lookOf, looksOf } from './contrast.js';
import { annotation, prediction } from './labels.js';
import { forgetColours, paintLabels } from './overlay.js';
import { entries, indexOf, micrometres, on, place, project } from './project.js';
import { boxOf, isHere, levelFor, pictureOf, tilesIn, want, whenArrived } from './tiles.js';

const LARGEST = 64; // screen pixels a pixel of the image
const MOST_LABELS = 1.6e6; // pixels of the label canvas: more would make a movement of the view stumble
const MARGIN = 0.96; // of the view that a frame fills when it fits

const box = document.getElementById('view');
const pixels = document.getElementById('pixels');
const labels = document.getElementById('labels');
const draft = document.getElementById('draft');
const pixelContext = pixels.getContext('2d', { alpha: false });
const labelContext = labels.getContext('2d');

/** The point of the image in the middle of the view, and screen pixels a pixel of the image. */
export const camera = { x: 0, y: 0, scale: 1, fits: true };

let size = { width: 1, height: 1, ratio: 1, labelRatio: 1 };
let drawsOn = () => false;
let due = 0;
let allDue = false;
let pixelsDue = false;
let labelsDue = null; // a box of the image
const movedListeners = [];

export function start({ drawn }) {
  drawsOn = drawn;
  new ResizeObserver(resize).observe(box);
  resize();
  whenArrived(() => {
    pixelsDue = true;
    schedule();
  });
  annotation.arrived = (tile) => redrawLabels(boxOf(tile.frame.image, tile));
  prediction.arrived = annotation.arrived;
  on('place', placeChanged);
  on('project', () => {
    forgetColours();
    redraw();
  });
  on('look', redraw);
  on('layers', () => {
    forgetColours();
    redraw();
  });
  on('labels', (news) => (news?.box ? redrawLabels(news.box) : redraw()));
  on('state', redraw);
  on('saved', askForLabels);
  on('step', redraw);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
}

/** Have a listener called after each movement of the view. */
export function whenMoved(listener) {
  movedListeners.push(listener);
}

/** The point of the image under a point of the window; whole numbers are the corners of pixels. */
export function toImage(clientX, clientY) {
  const bounds = box.getBoundingClientRect();
  return [
    camera.x + (clientX - bounds.left - size.width / 2) / camera.scale,
    camera.y + (clientY - bounds.top - size.height / 2) / camera.scale,
  ];
}

export function fit() {
  const { image } = place;
  if (!image || image.problem) return;
  camera.scale = Math.min(Math.min(size.width / image.width, size.height / image.height) * MARGIN, LARGEST);
  camera.x = image.width / 2;
  camera.y = image.height / 2;
  camera.fits = true;
  redraw();
}

/** Zoom by a factor; the point of the window that is given, or the middle, stays where it is. */
export function zoomBy(factor, at = null) {
  const { image } = place;
  if (!image || image.problem) return;
  const least = Math.min(1, (Math.min(size.width / image.width, size.height / image.height) * MARGIN) / 2);
  const fixed = at && toImage(...at);
  const scale = Math.min(Math.max(camera.scale * factor, least), LARGEST);
  if (fixed) {
    const share = camera.scale / scale;
    camera.x = fixed[0] + (camera.x - fixed[0]) * share;
    camera.y = fixed[1] + (camera.y - fixed[1]) * share;
  }
  camera.scale = scale;
  moved();
}

/** Move what is seen by so many pixels of the screen. */
export function panBy(across, down) {
  camera.x -= across / camera.scale;
  camera.y -= down / camera.scale;
  moved();
}

/** Draw everything anew. */
function redraw() {
  allDue = true;
  schedule();
}

/** Draw labels anew in a box `[x0, y0, x1, y1]` of the image. */
function redrawLabels(part) {
  labelsDue = labelsDue
    ? [
        Math.min(labelsDue[0], part[0]),
        Math.min(labelsDue[1], part[1]),
        Math.max(labelsDue[2], part[2]),
        Math.max(labelsDue[3], part[3]),
      ]
    : part;
  schedule();
}

function moved() {
  const { image } = place;
  if (!image || image.problem) return;
  camera.fits = false;
  camera.x = Math.min(Math.max(camera.x, 0), image.width);
  camera.y = Math.min(Math.max(camera.y, 0), image.height);
  redraw();
}

let shown = null; // the size of the frame that the camera was set for

function placeChanged() {
  const { image } = place;
  const asLarge = shown && image && shown.width === image.width && shown.height === image.height;
  shown = image && { width: image.width, height: image.height };
  if (!asLarge || camera.fits) fit();
  redraw();
}

function resize() {
  const { clientWidth: width, clientHeight: height } = box;
  const ratio = window.devicePixelRatio || 1;
  const labelRatio = width * height * ratio * ratio > MOST_LABELS ? 1 : ratio;
  size = { width, height, ratio, labelRatio };
  [pixels.width, pixels.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  [labels.width, labels.height] = [Math.round(width * labelRatio), Math.round(height * labelRatio)];
  if (camera.fits) fit();
  allDue = true;
  cancelAnimationFrame(due);
  due = 0;
  draw(); // a canvas is blank as soon as its size was set
}

function schedule() {
  due ||= requestAnimationFrame(() => {
    due = 0;
    draw();
  });
}

function draw() {
  if (allDue || pixelsDue) drawPixels();
  if (allDue) {
    askForLabels();
    drawLabels(null);
    draft.setAttribute('viewBox', `0 0 ${size.width} ${size.height}`);
    for (const listener of movedListeners) listener();
  } else if (labelsDue) {
    drawLabels(labelsDue);
  }
  allDue = false;
  pixelsDue = false;
  labelsDue = null;
}

/** The part of the image in sight. */
function inSight() {
  const [across, down] = [size.width / camera.scale / 2, size.height / camera.scale / 2];
  return [camera.x - across, camera.y - down, camera.x + across, camera.y + down];
}

function drawPixels() {
  const { image } = place;
  pixelContext.fillStyle = getComputedStyle(box).backgroundColor;
  pixelContext.fillRect(0, 0, pixels.width, pixels.height);
  if (!image || image.problem) {
    want([]);
    return;
  }
  const scale = camera.scale * size.ratio;
  const level = levelFor(scale, image);
  const tiles = tilesIn(image, level, inSight());
  pixelContext.imageSmoothingEnabled = scale < 2;
  pixelContext.imageSmoothingQuality = 'medium';
  const looks = looksOf(image);
  for (const tile of tiles) {
    const found = pictureOf(place, tile, looks);
    if (!found) continue;
    const [left, top, right, bottom] = boxOf(image, tile).map((edge, side) =>
      Math.round(
        side % 2 ? (edge - camera.y) * scale + pixels.height / 2 : (edge - camera.x) * scale + pixels.width / 2,
      ),
    );
    pixelContext.drawImage(found.bitmap, ...found.source, left, top, right - left, bottom - top);
  }
  box.setAttribute('aria-busy', !tiles.every((tile) => isHere(place, tile, lookOf(image))));
  want(
    [...tiles, ...(tiles.length > 1 ? tilesIn(image, levelFor(1e-9, image), inSight()) : [])]
      .map((tile) => ({ frame: frozen(place), tile, look: lookOf(image) }))
      .concat(neighbours(tiles)),
  );
}

/** The same tiles of the frames before and after, in case someone turns the page. */
function neighbours(tiles) {
  const { image } = place;
  const now = indexOf(place);
  return [now + 1, now - 1]
    .map((number) => entries[number])
    .filter(
      (entry) =>
        entry &&
        !entry.image.problem &&
        entry.image.width === image.width &&
        entry.image.height === image.height &&
        entry.image.slices === image.slices,
    )
    .flatMap((entry) => tiles.map((tile) => ({ frame: { ...entry, z: place.z }, tile, look: lookOf(entry.image) })));
}

function askForLabels() {
  const { image } = place;
  if (!image || image.problem) return;
  const level = levelFor(camera.scale, image);
  annotation.want(place, level, inSight(), drawsOn());
  prediction.want(place, level, inSight(), false);
}

function drawLabels(part) {
  const { image } = place;
  if (!image || image.problem || !project.settings.classes.length) {
    labelContext.clearRect(0, 0, labels.width, labels.height);
    return;
  }
  const ratio = size.labelRatio;
  const scale = camera.scale * ratio;
  const look = { left: camera.x - labels.width / 2 / scale, top: camera.y - labels.height / 2 / scale, scale };
  const width = Math.max(1, Math.round(1.6 * ratio));
  let bounds = [0, 0, labels.width, labels.height];
  if (part) {
    bounds = [
      Math.max(0, Math.floor((part[0] - look.left) * scale) - width - 1),
      Math.max(0, Math.floor((part[1] - look.top) * scale) - width - 1),
      Math.min(labels.width, Math.ceil((part[2] - look.left) * scale) + width + 1),
      Math.min(labels.height, Math.ceil((part[3] - look.top) * scale) + width + 1),
    ];
  }
  paintLabels(labelContext, bounds, place, look, levelFor(camera.scale, image), width);
}

function frozen({ image, t, z }) {
  return { image, t, z };
}

/** The size of the view and, for a length in µm, what it measures on the screen. */
export function screenLength(length) {
  const size = place.image && micrometres(place.image);
  return size ? (length / size) * camera.scale : null;
}

/** The transform that puts coordinates of the image on the draft. */
export function draftTransform() {
  return `translate(${size.width / 2 - camera.x * camera.scale} ${size.height / 2 - camera.y * camera.scale}) scale(${camera.scale})`;
}
