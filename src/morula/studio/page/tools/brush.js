// The brush, which is also the eraser and the background brush: a round trace along the pointer.

import { place } from '../project.js';
import { Stroke } from '../strokes.js';
import { capsule } from '../spans.js';
import { numberAt, sizeName, toolbox } from '../toolbox.js';

const LIGHTEST = 0.4; // of its size, what a pen that hardly presses draws

let stroke = null;
let last = null;

export const tool = {
  round: true,

  down(point) {
    stroke?.end(); // of the pen that keys move, while a pointer begins
    stroke = new Stroke(place, numberAt(point), { kept: toolbox.kept && toolbox.tool !== 'eraser' });
    last = point;
    stroke.paint(capsule(point, point, radius(point)));
  },

  move(points) {
    if (!stroke) return;
    for (const point of points) {
      stroke.paint(capsule(last, point, radius(point)));
      last = point;
    }
  },

  up() {
    stroke?.end();
    stroke = null;
  },

  cancel() {
    stroke?.cancel();
    stroke = null;
  },

  draft() {
    return null;
  },
};

/** A point may carry, third, how strongly a pen presses. */
function radius([, , pressure]) {
  const size = toolbox.sizes[sizeName()];
  return (pressure === undefined ? size : size * (LIGHTEST + (1 - LIGHTEST) * Math.min(1, 2 * pressure))) / 2;
}
