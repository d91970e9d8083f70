// What things are called: reasons, channels, facets, decisions; what is not known keeps its own name.

import { say } from "../shared/wording.js";

const names = JSON.parse(document.getElementById("names").textContent);
const CHANNELS = ["web", "api", "telegram", "wechat", "terminal"];

export function reasonName(reason) {
  return say(`reason_${reason}`);
}

export function channelName(channel) {
  return say(`channel_${CHANNELS.indexOf(channel) < 0 ? "other" : channel}`);
}

export function facetName(facet) {
  return Object.prototype.hasOwnProperty.call(names.facets, facet) ? names.facets[facet] : facet;
}

export function percent(share) {
  return say("percent", { percent: Math.round(share * 100) });
}
