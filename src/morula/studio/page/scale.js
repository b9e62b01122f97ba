// The scale bar: a round length in µm that is neither short nor long on the screen; and the zoom in words.

import { on } from './project.js';
import { camera, screenLength, whenMoved } from './view.js';

const LONGEST = 160; // pixels of the screen
const ROUND = [5, 2, 1];

const box = document.getElementById('scale');
const bar = document.getElementById('scale-bar');
const words = document.getElementById('scale-words');
const zoom = document.getElementById('zoom');

export function start() {
  whenMoved(show);
  on('project', show);
}

function show() {
  zoom.textContent = `${camera.scale >= 0.1 ? Math.round(100 * camera.scale) : (100 * camera.scale).toPrecision(2)} %`;
  const one = screenLength(1);
  box.hidden = !one;
  if (!one) return;
  const longest = LONGEST / one;
  const power = 10 ** Math.floor(Math.log10(longest));
  const length = ROUND.find((round) => round * power <= longest) * power;
  bar.style.width = `${length * one}px`;
  words.textContent =
    length >= 1000
      ? `${length / 1000} mm`
      : length < 1
        ? `${Number((length * 1000).toPrecision(3))} nm`
        : `${length} µm`;
}
