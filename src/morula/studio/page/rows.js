// A long list of which only the rows in sight exist: a thousand frames scroll as lightly as ten.

import { element } from './elements.js';

const BEYOND = 4; // rows that are kept ready above and below

export class Rows {
  /**
   * @param scroller what scrolls; it must have a height of its own
   * @param height of a row in pixels
   * @param make makes the element of a row from its number
   * @param leave is called with one that is out of sight
   */
  constructor(scroller, height, make, leave = () => {}) {
    this.scroller = scroller;
    this.height = height;
    this.make = make;
    this.leave = leave;
    this.count = 0;
    this.made = new Map();
    this.space = element('div', { class: 'rows', role: 'presentation' });
    scroller.append(this.space);
    scroller.addEventListener('scroll', () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(scroller);
  }

  /** Show so many rows, all made anew. */
  show(count) {
    this.count = count;
    const focused = [...this.made].find(([, row]) => row.contains(document.activeElement))?.[0];
    for (const row of this.made.values()) row.remove();
    this.made.clear();
    this.space.style.height = `${count * this.height}px`;
    this.draw();
    if (focused !== undefined) (this.made.get(focused)?.querySelector('button') ?? this.scroller).focus({ preventScroll: true });
  }

  /** Make one row anew, if it is in sight. */
  renew(number) {
    const old = this.made.get(number);
    if (!old) return;
    const row = this.#placed(number);
    old.replaceWith(row);
    this.made.set(number, row);
  }

  bringIntoSight(number) {
    const top = number * this.height;
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (top + this.height > scrollTop + clientHeight) this.scroller.scrollTop = top + this.height - clientHeight;
    this.draw();
  }

  draw() {
    const { scrollTop, clientHeight } = this.scroller;
    const first = Math.max(0, Math.floor(scrollTop / this.height) - BEYOND);
    const last = Math.min(this.count, Math.ceil((scrollTop + clientHeight) / this.height) + BEYOND);
    for (const [number, row] of this.made) {
      if (number < first || number >= last) {
        row.remove();
        this.leave(row);
        this.made.delete(number);
      }
    }
    for (let number = first; number < last; number += 1) {
      if (this.made.has(number)) continue;
      const row = this.#placed(number);
      this.made.set(number, row);
      this.space.append(row);
    }
  }

  #placed(number) {
    const row = this.make(number);
    row.style.transform = `translateY(${number * this.height}px)`;
    row.style.height = `${this.height}px`;
    return row;
  }
}
