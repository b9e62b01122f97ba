// Draw around a thing: the path closes, and what is inside is filled, as soon as the pointer lifts.

import { place } from '../project.js';
import { Stroke } from '../strokes.js';
import { inside } from '../spans.js';
import { numberAt, toolbox } from '../toolbox.js';

let path = null;
let number = null;

export const tool = {
  down(point) {
    number = numberAt(point);
    path = [point];
  },

  move(points) {
    path?.push(...points);
  },

  up() {
    if (path?.length > 2) {
      const stroke = new Stroke(place, number, { kept: toolbox.kept });
      stroke.paint(inside(path));
      stroke.end();
    }
    path = null;
  },

  cancel() {
    path = null;
  },

  draft() {
    return path && { points: path, closed: true };
  },
};
