// The console: looks at the suite through the gateway and shows it.

import { showDashboard } from "./dashboard.js";
import { showForms, startForms } from "./forms.js";
import { showJourneys } from "./journeys.js";
import { SERVICES, watch } from "./poll.js";
import { showProcesses } from "./processes.js";
import { showSides } from "./sides.js";
import { showStreams } from "./streams.js";
import { startLanguages, t } from "./words.js";

let last = null;

function show(seen) {
  last = seen;
  showOutage(seen);
  showDashboard(seen);
  showProcesses(seen);
  showForms(seen);
  showJourneys(seen);
  showStreams(seen);
  showSides(seen);
}

function showOutage(seen) {
  const outage = document.getElementById("outage");
  const names = SERVICES.flatMap((service) =>
    ["commands", "queries"].filter((side) => !seen.services[service][side]?.up).map((side) => `${service}-${side}`),
  );
  const text = !seen.reached ? t("gateway_down") : names.length ? t("services_down", { names: names.join(", ") }) : "";
  if (outage.textContent !== text) outage.textContent = text;
  outage.hidden = !text;
}

startLanguages(() => last && show(last));
startForms(watch(show));
