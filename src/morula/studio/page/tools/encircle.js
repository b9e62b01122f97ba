// Draw around a thing: the path closes, and what is inside is filled, as soon as the pointer lifts.

import { fillInside } from '../areas.js';
import { place } from '../project.js';
import { numberAt } from '../toolbox.js';

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
    if (path?.length > 2) fillInside({ image: place.image, t: place.t, z: place.z }, number, path);
    path = null;
  },

  cancel() {
    path = null;
  },

  draft() {
    return path && { points: path, closed: true };
  },
};
