// Logging in: empty fields are told at once, a refusal by its reason; then on to where one wanted to go.

import { say } from "../shared/wording.js";
import { Problem, call } from "./calls.js";
import { onSubmit, showBox, showError } from "./forms.js";

const form = document.querySelector("[data-login]");
const problem = document.querySelector("[data-problem]");
const told = document.querySelector("[data-told]");
const name = document.getElementById("name");
const password = document.getElementById("password");
const submit = form.querySelector("button[type=submit]");

function takeTold() {
  try {
    const key = sessionStorage.getItem("staff.told");
    sessionStorage.removeItem("staff.told");
    return key === "login_ended" || key === "login_out" ? key : null;
  } catch (error) {
    return null;
  }
}

const why = takeTold();
if (why) showBox(told, say(why));

document.querySelector("[data-show-password]").addEventListener("click", (event) => {
  const isShown = password.type === "text";
  password.type = isShown ? "password" : "text";
  event.target.setAttribute("aria-pressed", String(!isShown));
  event.target.textContent = say(isShown ? "login_show" : "login_hide");
});

onSubmit(form, async () => {
  showBox(problem, null);
  showError(name, name.value.trim() ? null : say("name_missing"));
  showError(password, password.value ? null : say("password_missing"));
  const wrong = form.querySelector("[aria-invalid]");
  if (wrong) {
    wrong.focus();
    return;
  }
  submit.textContent = say("login_doing");
  try {
    await call("POST", "/api/v1/staff/login", { body: { name: name.value.trim(), password: password.value }, isLogin: true });
    location.replace(form.getAttribute("data-next") + location.hash);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    submit.textContent = say("login_do");
    password.value = "";
    showBox(problem, error.status === 422 ? say("wrong_login") : error.sentence);
  }
});
