// The forms that send commands, and what each was answered.

import { send, sendMany } from "./commands.js";
import { h } from "./dom.js";
import { span, t } from "./words.js";

const NAMES = ["ana", "luis", "sofia", "mateo", "valentina", "diego", "camila", "andres"];
const CAMERAS = ["Leica M6", "Nikon F3", "Canon AE-1", "Olympus OM-1", "Pentax K1000", "Hasselblad 500"];

const form = (id) => document.getElementById(id);
let filledFrom = null; // the product that the change form shows as it is

function tell(of, text, good) {
  const output = of.querySelector("output");
  output.textContent = text;
  output.className = good === null ? "" : good ? "good" : "bad";
}

function tellAnswer(of, done) {
  const time = span(done.ms / 1000);
  if (done.status === 0) tell(of, t("no_answer", { time }), false);
  else if (done.status === 200) tell(of, t("accepted", { status: 200, time, what: JSON.stringify(done.answer) }), true);
  else tell(of, t("refused", { status: done.status, why: done.answer.detail }), false);
}

function on(id, act) {
  form(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form(id).dataset.busy) return;
    form(id).dataset.busy = "yes";
    // Not `disabled`: the focus would be lost.
    const buttons = [...form(id).querySelectorAll("button")];
    for (const button of buttons) button.setAttribute("aria-disabled", "true");
    tell(form(id), t("sending"), null);
    await act(form(id), new FormData(form(id)), event.submitter);
    delete form(id).dataset.busy;
    for (const button of buttons) button.removeAttribute("aria-disabled");
  });
}

/** Let the forms send; `changed` is called after each answer. */
export function startForms(changed) {
  on("create-user", async (of, data) => {
    const done = await send("users", "POST", { username: data.get("username") });
    tellAnswer(of, done);
    chooseNext([form("place-order").elements.user], done);
    changed();
  });
  on("create-product", async (of, data) => {
    const [value, stock] = [Number(data.get("value")), Number(data.get("stock"))];
    const done = await send("products", "POST", { name: data.get("name"), description: "", value, stock });
    tellAnswer(of, done);
    chooseNext([form("place-order").elements.product, form("change-product").elements.product], done);
    changed();
  });
  on("change-product", async (of, data) => {
    const changes = { value: Number(data.get("value")), stock: Number(data.get("stock")) };
    if (changes.value === filledFrom?.value) delete changes.value; // an absent member stays
    tellAnswer(of, await send("products", "PUT", changes, data.get("product")));
    changed();
  });
  on("place-order", async (of, data, submitter) => {
    const body = Object.fromEntries(["user", "product", "quantity"].map((name) => [name, Number(data.get(name))]));
    const all = Number(submitter?.value ?? 1);
    if (all === 1) tellAnswer(of, await send("orders", "POST", body));
    else tellMany(of, all, await sendMany("orders", body, all));
    changed();
  });
  form("change-product").elements.product.addEventListener("change", () => (filledFrom = null));
}

/** Choose what was just created as soon as the query side tells it. */
function chooseNext(selects, done) {
  if (done.status === 200) for (const select of selects) select.dataset.next = done.answer.id;
}

function tellMany(of, all, { ok, refusal, ms }) {
  const gaps = { ok, all, time: span(ms / 1000) };
  if (!refusal) tell(of, t("many", gaps), true);
  else tell(of, t("many_refused", { ...gaps, why: refusal.answer?.detail ?? t("no_answer", gaps) }), false);
}

/** Offer the users and products that there are. */
export function showForms(seen) {
  const users = seen.services.users.list.data ?? [];
  const products = seen.services.products.list.data ?? [];
  offer(form("place-order").elements.user, users, "username");
  offer(form("place-order").elements.product, products, "name");
  offer(form("change-product").elements.product, products, "name");
  suggest(
    form("create-user").elements.username,
    NAMES,
    users.map((user) => user.username),
  );
  suggest(
    form("create-product").elements.name,
    CAMERAS,
    products.map((product) => product.name),
  );
  showProduct(products);
}

function offer(select, rows, member) {
  const wanted = rows.length
    ? rows.map((row) => [String(row.id), `${row.id} · ${row[member]}`])
    : [["", t("none_yet")]];
  const key = JSON.stringify(wanted);
  if (select.dataset.key === key) return;
  const next = wanted.some(([value]) => value === select.dataset.next) ? select.dataset.next : "";
  const chosen = next || select.value;
  if (next) delete select.dataset.next;
  select.dataset.key = key;
  select.replaceChildren(...wanted.map(([value, text]) => h("option", { value }, text)));
  if (chosen && wanted.some(([value]) => value === chosen)) select.value = chosen;
}

/** Put a name into a field that is not taken yet, unless somebody writes there. */
function suggest(input, names, taken) {
  const ours = input.value === "" || names.includes(input.value) || input.value === input.dataset.suggested;
  if (!ours || !taken.includes(input.value)) return;
  if (document.activeElement === input) return;
  input.value = input.dataset.suggested =
    names.find((name) => !taken.includes(name)) ?? `${names[0]}-${taken.length + 1}`;
}

function showProduct(products) {
  const { product, value, stock } = form("change-product").elements;
  const now = products.find((row) => String(row.id) === product.value);
  if (!now) return;
  const touched = filledFrom && (Number(value.value) !== filledFrom.value || Number(stock.value) !== filledFrom.stock);
  if (touched || (filledFrom && form("change-product").contains(document.activeElement))) return;
  filledFrom = now;
  value.value = now.value;
  stock.value = now.stock;
}
