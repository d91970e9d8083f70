// Facts of the guide as they come in an answer: which are headings, which read on, where they stand.

const NUMBERED = /^(\d{1,2}\s*[.．、]|[（(][\d一二三四五六七八九十]{1,3}[）)]|[①-⑳])/;

export function isHeading(fact) {
  return Boolean(fact.value && fact.value.heading);
}

export function isPaper(fact) {
  return Boolean(fact.value && fact.value.name && !fact.value.step);
}

export function isStep(fact) {
  return Boolean(fact.value && fact.value.step);
}

/** Joins what the guide writes on one line, as it reads: two numbers, two limits. */
export function joined(facts) {
  const found = [];
  facts.forEach((fact) => {
    const last = found[found.length - 1];
    const sameLine = last !== undefined && String(last.lines) === String(fact.lines);
    if (sameLine && !isHeading(fact) && !isStep(fact) && !NUMBERED.test(fact.text)) {
      found[found.length - 1] = { ...last, text: last.text + fact.text };
    } else {
      found.push(fact);
    }
  });
  return found;
}

/** Returns where facts stand, neighbouring lines joined: "11–12、15"; with "-" and "," for an address. */
export function spans(facts, dash = "–", comma = "、") {
  const sorted = facts.map((fact) => fact.lines).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const runs = [];
  sorted.forEach(([first, last]) => {
    const run = runs[runs.length - 1];
    if (run && first <= run[1] + 1) run[1] = Math.max(run[1], last);
    else runs.push([first, last]);
  });
  return runs.map(([first, last]) => (first === last ? String(first) : `${first}${dash}${last}`)).join(comma);
}
