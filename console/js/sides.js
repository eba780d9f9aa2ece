// The command side and the query side of each service, and the copies that orders keeps.

import { lastCommands } from "./commands.js";
import { draw, h } from "./dom.js";
import { SERVICES } from "./poll.js";
import { span, t } from "./words.js";

const ROWS = 6;
const MEMBERS = {
  users: ["username"],
  products: ["name", "value", "stock"],
  orders: ["state", "user_username", "product_name", "quantity", "total"],
};
const LABELS = { user_username: "user", product_name: "product", total: "total_column" };
const label = (member) => t(LABELS[member] ?? member);

/** The panels of all services. */
export function showSides(seen) {
  const content = document.querySelector("#sides .content");
  if (!content.children.length)
    content.append(...SERVICES.map((service) => h("article", { class: service, id: `sides-${service}` })));
  for (const service of SERVICES) {
    const list = seen.services[service].list;
    const copies = seen.replicas[service];
    const data = {
      service,
      sent: lastCommands(service),
      rows: list.data ?? [],
      copies: copies ? (copies.data ?? []) : null,
      stale: !list.up,
      staleCopies: copies ? !copies.up : false,
    };
    draw(document.getElementById(`sides-${service}`), data, panel);
  }
}

function panel(data) {
  return [
    h("h3", {}, data.service),
    h("div", { class: "command-side" }, h("h4", {}, t("command_side")), answers(data.sent)),
    h("div", { class: data.stale ? "query-side stale" : "query-side" }, h("h4", {}, t("query_side")), table(data)),
  ];
}

function answers(sent) {
  if (!sent.length) return h("p", { class: "hint" }, t("no_commands"));
  const entries = sent.map((done) => {
    const times = done.times > 1 ? ` × ${done.times}` : "";
    const answer = done.status
      ? `${done.status} ${JSON.stringify(done.status === 200 ? done.answer : done.answer.detail)}`
      : "—";
    return h(
      "li",
      {},
      h("code", { class: "request" }, `${done.method} ${done.path} ${JSON.stringify(done.body)}${times}`),
      h("code", { class: done.status === 200 ? "good" : "bad" }, `→ ${answer}`),
      h("small", {}, span(done.ms / 1000)),
    );
  });
  return h("ol", { class: "answers" }, entries);
}

function table({ service, rows, copies, staleCopies }) {
  const members = MEMBERS[service];
  const ids = [...new Set([...rows, ...(copies ?? [])].map((row) => row.id))].sort((a, b) => b - a).slice(0, ROWS);
  if (!ids.length) return h("p", { class: "hint" }, t("no_rows"));
  const copied = service === "products" ? [...members, "reserved"] : members;
  const byId = (list) => new Map(list.map((row) => [row.id, row]));
  const [originals, replicas] = [byId(rows), byId(copies ?? [])];
  const groups =
    copies &&
    h(
      "tr",
      {},
      h("td", { colspan: members.length + 1 }),
      h("th", { colspan: copied.length, scope: "colgroup", class: "copy" }, t("copy")),
      h("td"),
    );
  const titles = h(
    "tr",
    {},
    h("th", { scope: "col" }, "id"),
    members.map((member) => h("th", { scope: "col" }, label(member))),
    copies && copied.map((member) => h("th", { scope: "col", class: "copy" }, label(member))),
    copies && h("th", { scope: "col" }, t("compared")),
  );
  const body = ids.map((id) =>
    line(id, members, copied, originals.get(id), copies ? (replicas.get(id) ?? null) : undefined),
  );
  const name = t("table_of", { side: t("query_side"), service });
  return h(
    "div",
    { class: staleCopies ? "scroll stale" : "scroll", tabindex: "0", role: "region", "aria-label": name },
    h("table", {}, h("thead", {}, groups, titles), h("tbody", {}, body)),
  );
}

/** One row; `copy` is undefined where there are no copies, null where this one is missing. */
function line(id, members, copied, original, copy) {
  const cells = members.map((member) => h("td", {}, cell(member, original)));
  if (copy === undefined) return h("tr", {}, h("td", {}, String(id)), cells);
  const verdict = !copy
    ? "missing"
    : !original
      ? "no_original"
      : members.every((m) => copy[m] === original[m])
        ? "same"
        : "differs";
  const copies = copied.map((member) => {
    const other = copy && original && member in original && copy[member] !== original[member];
    return h("td", { class: other ? "copy different" : "copy" }, cell(member, copy));
  });
  const chip = h("td", {}, h("span", { class: `chip ${verdict === "same" ? "good" : "late"}` }, t(verdict)));
  return h("tr", {}, h("td", {}, String(id)), cells, copies, chip);
}

function cell(member, row) {
  if (!row) return "—";
  if (member !== "state") return String(row[member]);
  const chip = h("span", { class: `chip ${{ completed: "good", failed: "bad" }[row.state] ?? "late"}` }, t(row.state));
  return [chip, row.reason && h("small", {}, ` ${row.reason}`)].filter(Boolean);
}
