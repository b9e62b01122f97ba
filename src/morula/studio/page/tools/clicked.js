// Outlines that are clicked, corner by corner. One fills when it is closed: by Enter, by a double click, or by a click
// on its first corner.

import { fillInside } from '../areas.js';
import { say } from '../messages.js';
import { place, tell } from '../project.js';
import { strokeBegins, strokeEnds } from '../saving.js';
import { mayDraw, numberAt } from '../toolbox.js';
import { camera } from '../view.js';

const TWICE = 350; // ms between the clicks of a double click
const NEAR = 8; // pixels of the screen, within which a click is meant for the first corner, or is the second at a place

/**
 * A tool that is clicked from corner to corner.
 *
 * @param wayOf what lies between two points of a frame, as a promise of points of which the last is the second one;
 *   without it, the way is straight
 */
export function clicked(wayOf = null) {
  const least = wayOf ? 2 : 3; // corners that enclose something
  let frame = null;
  let number = 0;
  let corners = [];
  let legs = []; // one to each corner after the first: `{ points, ready }`
  let hover = null;
  let ahead = null; // from the last corner to the pointer: `{ from, to, points }`
  let asking = false;
  let before = -Infinity; // when it was clicked last

  function legTo(to) {
    const from = corners.at(-1);
    const leg = { points: ahead?.from === from ? [...ahead.points, to] : [to] };
    leg.ready = wayOf?.(frame, from, to).then((points) => {
      leg.points = points;
      tell('draft');
    });
    return leg;
  }

  /** The first corner, if the pointer is on it and it may be closed. */
  function closing(point) {
    return corners.length >= least && isNear(point, corners[0]);
  }

  async function lookAhead() {
    if (asking || !corners.length || !hover) return;
    const [from, over] = [corners.at(-1), hover];
    const to = closing(over) ? corners[0] : over;
    asking = true;
    const points = await wayOf(frame, from, to);
    asking = false;
    if (from === corners.at(-1)) ahead = { from, points };
    tell('draft');
    if (over !== hover || from !== corners.at(-1)) lookAhead();
  }

  async function close() {
    const outline = { frame, number, first: corners[0], legs: [...legs, legTo(corners[0])] };
    giveUp();
    strokeBegins(); // the ways may still be on their way
    if (wayOf) await Promise.all(outline.legs.map(({ ready }) => ready));
    fill(outline);
    strokeEnds();
  }

  function giveUp() {
    corners = [];
    legs = [];
    ahead = null;
  }

  return {
    clicks: true,

    down(point) {
      const now = performance.now();
      const twice = now - before < TWICE && corners.length > 2 && isNear(point, corners.at(-1));
      before = twice ? -Infinity : now;
      if (twice || closing(point)) {
        close();
        return;
      }
      if (corners.length) legs.push(legTo(point));
      else {
        frame = { image: place.image, t: place.t, z: place.z };
        number = numberAt(point);
      }
      corners.push(point);
      ahead = null;
    },

    move() {},

    hover(point) {
      hover = point;
      if (wayOf) lookAhead();
    },

    up() {},
    cancel: giveUp,

    /** Take back what the last press did. */
    back() {
      corners.pop();
      legs.pop();
      ahead = null;
      before = -Infinity;
    },

    /** Keys while it is open; true if one was meant for it. */
    key(name) {
      if (!corners.length) return false;
      if (name === 'Enter') {
        if (corners.length >= least) close();
        else say(`An outline needs ${least === 2 ? 'two' : 'three'} points or more. Go on, or give it up with Escape.`);
      } else if (name === 'Backspace') {
        corners.pop();
        legs.pop();
        ahead = null;
        if (wayOf) lookAhead();
      } else if (name === 'Escape') giveUp();
      else return false;
      return true;
    },

    draft() {
      if (!corners.length) return null;
      const drawn = [corners[0], ...legs.flatMap(({ points }) => points)];
      if (ahead?.from === corners.at(-1)) drawn.push(...ahead.points);
      else if (hover) drawn.push(hover);
      return { points: drawn, closed: !wayOf, corners };
    },
  };
}

function fill({ frame, number, first, legs }) {
  const outline = [first, ...legs.flatMap(({ points }) => points)];
  if (outline.length > 3 && mayDraw(frame)) fillInside(frame, number, outline); // the first corner ends it, too
}

function isNear([ax, ay], [bx, by]) {
  return Math.hypot(ax - bx, ay - by) * camera.scale < NEAR;
}
