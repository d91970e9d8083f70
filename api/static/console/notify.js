// A sound for what is new, and how much is new in the page's title.

import { say } from "../shared/wording.js";

const KEY = "console.sound";

export class Notify {
  constructor(button) {
    this.button = button;
    this.title = document.title;
    this.context = null;
    this.rung = 0;
    this.isOn = read() !== "off";
    this.isAway = false;
    button.addEventListener("click", () => this.set(!this.isOn));
    // Browsers let a page sound only after somebody did something in it.
    ["keydown", "pointerdown"].forEach((name) => addEventListener(name, () => this.prepare(), true));
    this.label();
  }

  set(isOn) {
    this.isOn = isOn;
    try {
      localStorage.setItem(KEY, isOn ? "on" : "off");
    } catch (error) {
      // Storage may be forbidden: the switch then holds for this page only.
    }
    this.label();
    if (isOn) this.ring();
  }

  label() {
    this.button.textContent = say(this.isOn ? "sound_on" : "sound_off");
    this.button.setAttribute("aria-pressed", String(this.isOn));
  }

  count(count) {
    document.title = count === 0 ? this.title : say("count_and_title", { count, title: this.title });
  }

  /** Sounds twice, lower and longer for what is urgent. */
  ring(isUrgent = false) {
    if (!this.isOn || this.isAway) return;
    this.rung += 1;
    this.button.dataset.rung = String(this.rung);
    const { context } = this;
    if (context === null || context.state !== "running") return;
    const notes = isUrgent ? [440, 660, 440, 660] : [660, 880];
    notes.forEach((frequency, place) => beep(context, frequency, context.currentTime + place * 0.18));
  }

  prepare() {
    const Context = window.AudioContext || window.webkitAudioContext;
    if (Context === undefined) return;
    if (this.context === null) this.context = new Context();
    if (this.context.state === "suspended") this.context.resume();
  }
}

function beep(context, frequency, at) {
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = frequency;
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(0.2, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.16);
  tone.connect(volume);
  volume.connect(context.destination);
  tone.start(at);
  tone.stop(at + 0.17);
}

function read() {
  try {
    return localStorage.getItem(KEY);
  } catch (error) {
    return null;
  }
}
