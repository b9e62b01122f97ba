// Pick what is under the pointer: its class, or the object itself, is drawn with from then on.

import { annotation } from '../labels.js';
import { nothing, place, project } from '../project.js';
import { chooseClass, chooseObject } from '../toolbox.js';

export const tool = {
  clicks: true,
  looks: true,

  down([x, y]) {
    const number = annotation.at(place, Math.floor(x), Math.floor(y));
    if (number === nothing()) return;
    if (project.settings.objects && number > 0) chooseObject(number);
    else chooseClass(number);
  },

  move() {},
  up() {},
  cancel() {},

  draft() {
    return null;
  },
};
