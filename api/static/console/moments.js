// Times as agents read them: how long somebody waits, at what time something was said.

import { say } from "../shared/wording.js";

let ahead = 0;

/** Takes over the service's clock: the office's computers are seldom exact. */
export function setNow(now) {
  ahead = new Date(now).getTime() - Date.now();
}

export function minutesSince(at) {
  return Math.max(0, Math.floor((Date.now() + ahead - new Date(at).getTime()) / 60000));
}

export function waits(at) {
  const minutes = minutesSince(at);
  if (minutes < 1) return say("waits_now");
  if (minutes < 60) return say("waits_minutes", { minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return say("waits_hours", { hours, minutes: minutes % 60 });
  return say("waits_days", { days: Math.floor(hours / 24) });
}

export function clock(at) {
  const date = new Date(at);
  const two = (number) => String(number).padStart(2, "0");
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  const isToday = new Date().toDateString() === date.toDateString();
  return isToday ? time : `${date.getMonth() + 1}-${date.getDate()} ${time}`;
}
