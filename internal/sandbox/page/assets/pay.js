// Comforts for the payment page. It works without them.
"use strict";

// The time left, counted down; when it is over the page is loaded again, and says so. The clock of the sandbox may go
// faster than that of the browser, or stand still. Readers of the screen hear of five minutes and of one, and no more.
const left = document.getElementById("left");
if (left) {
  const said = document.getElementById("left-said");
  const speed = Number(left.dataset.speed);
  const start = Date.now();
  const end = start + Number(left.dataset.seconds) * 1000 / speed;
  const say = (text) => { if (said.textContent !== text) said.textContent = text; };
  const show = () => {
    const seconds = Math.max(0, Math.ceil((end - Date.now()) * speed / 1000));
    const over = seconds === 0;
    if (seconds < 3600) {
      left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }
    left.classList.toggle("soon", seconds <= 60);
    if (!over && seconds <= 60) say(said.dataset.late);
    else if (!over && seconds > 240 && seconds <= 300) say(said.dataset.early);
    // A page that comes with no time left has come just before the gateway took note.
    setTimeout(over ? () => location.replace(location.pathname) : show, over && end <= start ? 1000 : 250);
  };
  if (speed > 0) show();
}

// A form goes out once. A page that the browser kept while the customer was away may be out of date.
for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// Card numbers as they stand on the card, the date with a slash; only while typing at the end, so that corrections are
// left be.
const groupWith = (id, group) => {
  const input = document.getElementById(id);
  if (!input) return;
  input.addEventListener("input", (event) => {
    if (event.inputType !== "insertText" || input.selectionStart !== input.value.length) return;
    input.value = group(input.value.replace(/\D/g, ""));
  });
};
groupWith("number", (digits) => /^3[4-8]/.test(digits)
  ? digits.replace(/^(\d{4})(\d{1,6})(\d*)$/, (_, a, b, c) => [a, b, c].filter(Boolean).join(" "))
  : digits.replace(/(.{4})(?=.)/g, "$1 "));
groupWith("expiry", (digits) => digits.replace(/^(\d{2})(\d+)$/, "$1 / $2"));

// The brand of the number being typed stands out.
const number = document.getElementById("number");
if (number) {
  const brands = [[/^4/, "Visa"], [/^(5[1-5]|2[2-7])/, "Mastercard"], [/^3[47]/, "Amex"], [/^3[068]/, "Diners"],
    [/^6/, "Discover"]];
  const list = number.parentElement.querySelector(".brands");
  const mark = () => {
    const [, name] = brands.find(([begin]) => begin.test(number.value)) ?? [];
    list.classList.toggle("known", Boolean(name));
    for (const item of list.children) item.classList.toggle("typed", item.dataset.brand === name);
  };
  number.addEventListener("input", mark);
  mark();
}
