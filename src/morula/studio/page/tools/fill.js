// Fill a hole: what lies enclosed around the point becomes what encloses it.

import { annotation } from '../labels.js';
import { say } from '../messages.js';
import { nothing, place, project } from '../project.js';
import { regionAround } from '../spans.js';
import { Stroke } from '../strokes.js';
import { BACKGROUND, isLocked, numberAt, toolbox } from '../toolbox.js';

export const tool = {
  clicks: true,

  down([x, y]) {
    const { image } = place;
    const [column, row] = [Math.floor(x), Math.floor(y)];
    if (column < 0 || row < 0 || column >= image.width || row >= image.height) return;
    const read = (atX, atY) => annotation.at(place, atX, atY);
    const around = enclosing(read, column, row);
    const region = around === null ? null : regionAround(read, column, row, image);
    if (!region) {
      say('This is no hole: what lies here reaches the edge of the image, or nothing encloses it.');
      return;
    }
    if (project.settings.objects && isLocked(around)) {
      say(`Object ${around} is locked. Pick it and press L to unlock it.`);
      return;
    }
    const number = project.settings.objects || toolbox.number === BACKGROUND ? around : numberAt([x, y]);
    const stroke = new Stroke(place, number);
    stroke.paint(region);
    stroke.end();
  },

  move() {},
  up() {},
  cancel() {},

  draft() {
    return null;
  },
};

/** What is drawn to the left of a hole; null if there is nothing as far as the edge. */
function enclosing(read, x, y) {
  const here = read(x, y);
  for (let column = x - 1; column >= 0; column -= 1) {
    const number = read(column, y);
    if (number !== here) return number === nothing() ? null : number;
  }
  return null;
}
