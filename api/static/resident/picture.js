// A list of papers as a picture to keep in the phone, drawn here: no service is told what somebody takes along.

import { isHeading, isPaper, spans } from "./facts.js";
import { provide } from "./late.js";
import { openDialog } from "../shared/dialog.js";
import { el, fill } from "../shared/dom.js";
import { say } from "../shared/wording.js";

const about = document.querySelector("[data-edition]");
const NEVER_FIRST = "，。；：、！？）》”’";
const WIDTH = 720;
const MARGIN = 40;
const TEXT = 26;
const LEADING = 40;
const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif';
const INK = "#15252a";
const ACCENT = "#0a5560";
const MUTED = "#43565c";

/** Opens the picture of `facts` in a dialog, to save or hand on. */
function savePicture(item, facts, isTicked) {
  const canvas = draw(item, facts, isTicked);
  const box = document.getElementById("picture");
  const name = `${item.title}.png`;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", say("list_of", { title: item.title }));
  fill(box.querySelector("[data-picture]"), canvas);
  const link = box.querySelector("[data-download]");
  canvas.toBlob((blob) => {
    link.href = URL.createObjectURL(blob);
    link.download = name;
  });
  openDialog(box, { first: link, onClose: () => URL.revokeObjectURL(link.href) });
}

function draw(item, facts, isTicked) {
  const canvas = el("canvas");
  const pen = canvas.getContext("2d");
  const lines = layOut(pen, item, facts, isTicked);
  canvas.width = WIDTH;
  canvas.height = lines.height + MARGIN;
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = ACCENT;
  pen.fillRect(0, 0, WIDTH, 10);
  lines.marks.forEach((mark) => mark());
  return canvas;
}

/** Returns what to draw, from the top down, and how high it gets: a canvas must know before it is drawn on. */
function layOut(pen, item, facts, isTicked) {
  const marks = [];
  let y = MARGIN + 20;

  function write(text, { size = TEXT, weight = "normal", colour = INK, indent = 0, after = 8 } = {}) {
    const font = `${weight} ${size}px ${FONT}`;
    pen.font = font;
    wrapped(pen, text, WIDTH - 2 * MARGIN - indent).forEach((line) => {
      const at = (y += (size / TEXT) * LEADING);
      marks.push(() => {
        pen.font = font;
        pen.fillStyle = colour;
        pen.fillText(line, MARGIN + indent, at - 10);
      });
    });
    y += after;
  }

  write(say("list_of", { title: item.title }), { size: 34, weight: "bold", colour: ACCENT, after: 16 });
  facts.forEach((fact) => {
    if (isPaper(fact)) {
      marks.push(box(pen, y + 8, isTicked(fact)));
      write(fact.text, { indent: 46, after: 12 });
    } else {
      write(fact.text, isHeading(fact) ? { weight: "bold", after: 10 } : { colour: MUTED, after: 10 });
    }
  });
  y += 8;
  write(say("source", { lines: spans(facts) }), { size: 22, colour: MUTED, after: 0 });
  write(say("said_by", { office: about.getAttribute("data-office") }), { size: 22, colour: MUTED, after: 0 });
  write(`${location.origin}/items/${item.id}`, { size: 22, colour: MUTED, after: 0 });
  return { marks, height: y };
}

function box(pen, top, ticked) {
  return () => {
    pen.strokeStyle = ACCENT;
    pen.lineWidth = 3;
    pen.strokeRect(MARGIN + 2, top, 26, 26);
    if (!ticked) return;
    pen.beginPath();
    pen.moveTo(MARGIN + 8, top + 13);
    pen.lineTo(MARGIN + 14, top + 20);
    pen.lineTo(MARGIN + 25, top + 5);
    pen.stroke();
  };
}

function wrapped(pen, text, width) {
  const lines = [];
  text.split("\n").forEach((part) => {
    let line = "";
    Array.from(part).forEach((character) => {
      const isFull = pen.measureText(line + character).width > width;
      if (line !== "" && isFull && !NEVER_FIRST.includes(character)) {
        lines.push(line);
        line = "";
      }
      line += character;
    });
    lines.push(line);
  });
  return lines;
}

provide("picture", savePicture);
