// The page in English and Spanish.

import { en } from "./words-en.js";
import { es } from "./words-es.js";

const LANGUAGES = { en, es };
const STORE = "foto-alpes-language";

let language = "en";

/** A text in the chosen language, with its `{gaps}` filled. */
export function t(key, gaps = {}) {
  return LANGUAGES[language][key].replace(/\{(\w+)\}/g, (_, gap) => gaps[gap]);
}

/** A time span for people, from seconds. */
export function span(seconds) {
  const number = (value, digits) => value.toLocaleString(language, { maximumFractionDigits: digits });
  if (seconds < 0.0995) return `${number(seconds * 1000, 1)} ms`;
  if (seconds < 1) return `${number(seconds * 1000, 0)} ms`;
  return seconds < 120 ? `${number(seconds, 1)} s` : `${number(seconds / 60, 0)} min`;
}

function stored() {
  try {
    return localStorage.getItem(STORE);
  } catch {
    return null; // the browser keeps nothing: then each visit begins with its own language
  }
}

function choose(chosen) {
  language = chosen;
  document.documentElement.lang = chosen;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-label]"))
    element.setAttribute("aria-label", t(element.dataset.label));
  for (const button of document.querySelectorAll(".languages button")) {
    button.setAttribute("aria-pressed", String(button.value === chosen));
  }
}

/** Begin with the language that was chosen last, else the browser's; `changed` is called after each choice. */
export function startLanguages(changed) {
  const wanted = stored() ?? (navigator.language.startsWith("es") ? "es" : "en");
  choose(wanted in LANGUAGES ? wanted : "en");
  document.querySelector(".languages").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    choose(button.value);
    try {
      localStorage.setItem(STORE, button.value);
    } catch {
      // see stored()
    }
    changed();
  });
}
