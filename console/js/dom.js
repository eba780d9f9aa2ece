// Making elements, and drawing a panel again only when what it shows has changed.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  // What a server tells becomes text, never HTML.
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An HTML element: `h("p", { class: "hint" }, "text", otherElement)`. */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

const drawn = new WeakMap();

/** Put what `make` returns into an element, unless it was last drawn from equal data. */
export function draw(element, data, make) {
  const key = JSON.stringify([document.documentElement.lang, data]);
  if (drawn.get(element) === key) return;
  drawn.set(element, key);
  element.replaceChildren(...[make(data)].flat());
}
