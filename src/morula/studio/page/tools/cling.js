// An outline that follows edges from click to click. Where they run is found by the server.

import * as api from '../api.js';
import { shownIn } from '../contrast.js';
import { say } from '../messages.js';
import { levelFor } from '../tiles.js';
import { camera } from '../view.js';
import { clicked } from './clicked.js';

export const tool = clicked(alongEdges);

/** The points from one to another along edges; only the second, if the server does not answer. */
async function alongEdges({ image, t, z }, from, to) {
  const ends = [from, to].map(([x, y]) => `${x.toFixed(2)}:${y.toFixed(2)}`).join(',');
  const level = levelFor(camera.scale, image);
  try {
    const { points } = await api.get(
      `/api/images/${image.id}/edge?t=${t}&z=${z}&level=${level}&ends=${ends}&shown=${shownIn(image)}`,
    );
    return [...points.slice(1, -1), to];
  } catch (error) {
    say(`The outline is straight here: where edges run could not be asked. ${error.message}`, { wrong: true });
    return [to];
  }
}
