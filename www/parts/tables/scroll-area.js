/**
 * Makes an element that may be wider than the page reachable by keys, with a name, where it scrolls; elsewhere Tab does not
 * stop there.
 *
 * @param {HTMLElement} element
 * @param {string} label
 */
export function scrollArea(element, label) {
  const attributes = { tabindex: "0", role: "region", "aria-label": label };
  new ResizeObserver(() => {
    const scrolls = element.scrollWidth > element.clientWidth;
    for (const [name, value] of Object.entries(attributes)) {
      if (scrolls) element.setAttribute(name, value);
      else element.removeAttribute(name);
    }
  }).observe(element);
  return element;
}
