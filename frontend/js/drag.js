/** Dragging by mouse, finger or pen, and the arrow keys. */

const STEP = 0.01; // of the picture's width, for one press of an arrow key
const ARROWS = /** @type {Record<string, [number, number]>} */ ({
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
});

/**
 * Calls `drag` for each move until the pointer is let go.
 *
 * @param {Element} element keeps the pointer meanwhile
 * @param {PointerEvent} event that began it
 * @param {(event: any) => void} drag
 */
export function follow(element, event, drag) {
  element.setPointerCapture(event.pointerId);
  const ends = ["pointerup", "pointercancel", "lostpointercapture"];
  const end = () => {
    element.removeEventListener("pointermove", drag);
    for (const name of ends) element.removeEventListener(name, end);
  };
  element.addEventListener("pointermove", drag);
  for (const name of ends) element.addEventListener(name, end);
}

/**
 * How far an arrow key moves, in pixels of a picture: a hundredth of its width; with Alt one pixel.
 *
 * @param {KeyboardEvent} event whose default is prevented when it is an arrow
 * @param {number} width
 * @returns {number[] | null} across and down; null for another key
 */
export function arrow(event, width) {
  const direction = ARROWS[event.key];
  if (!direction || event.ctrlKey || event.metaKey) return null;
  event.preventDefault();
  const step = event.altKey ? 1 : Math.max(1, Math.round(width * STEP));
  return direction.map((sign) => sign * step);
}
