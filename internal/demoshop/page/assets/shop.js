"use strict";

// Everything works without this script. It shows the price on the button, and keeps pages up to date without a reload.

const root = document.documentElement;
root.classList.add("js");

// The price on the button, as it will be charged.
const amount = document.getElementById("amount");
const currency = document.getElementById("currency");
const price = document.getElementById("price");

function showPrice() {
  const { before, after, digits } = currency.selectedOptions[0].dataset;
  const parts = amount.value.trim().replace(",", ".").match(/^0*(\d+)(?:\.(\d+))?$/);
  const [whole, fraction] = parts ? [parts[1], (parts[2] || "").padEnd(digits, "0")] : ["", ""];
  const minor = (whole + fraction).replace(/^0+/, "");
  const fits = minor !== "" && minor.length <= 7 && fraction.length === Number(digits); // as the shop takes it
  price.textContent = fits ? before + whole + (fraction && amount.form.dataset.mark + fraction) + after : "";
}

if (amount && currency && price) {
  amount.addEventListener("input", showPrice);
  currency.addEventListener("change", showPrice);
  addEventListener("pageshow", showPrice);
  showPrice();
}

// Changed parts of the page are put in the place of the old ones. What somebody has typed stays, wherever the focus is:
// an amount that turned back into the proposed one would be sent unseen. The focus stays too.
function swap(live, html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const part of live.querySelectorAll("[data-part]")) {
    const next = fresh.getElementById(part.id);
    if (!next || part.outerHTML === next.outerHTML) continue;
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    const caret = focused instanceof HTMLInputElement && [focused.selectionStart, focused.selectionEnd];
    const typed = [...part.querySelectorAll("input[id]")].filter((field) => field.value !== field.defaultValue);
    for (const { name } of [...part.attributes]) {
      if (!next.hasAttribute(name)) part.removeAttribute(name);
    }
    for (const { name, value } of next.attributes) part.setAttribute(name, value);
    part.replaceChildren(...next.childNodes);
    for (const { id, value } of typed) {
      const field = document.getElementById(id);
      if (field) field.value = value;
    }
    const again = focused && focused.id && document.getElementById(focused.id);
    if (!again) continue;
    again.focus({ preventScroll: true });
    if (caret) again.setSelectionRange(...caret);
  }
}

const rest = (ms) => new Promise((done) => setTimeout(done, ms));

const shown = () => new Promise((done) => {
  const look = () => {
    if (document.hidden) return;
    document.removeEventListener("visibilitychange", look);
    done();
  };
  document.addEventListener("visibilitychange", look);
  look();
});

// The shop holds its answer back until there is news, so this asks all the time and is seldom answered.
async function follow(live) {
  for (;;) {
    await shown();
    try {
      const answer = await fetch(`${live.dataset.live}?since=${live.dataset.version}`, { cache: "no-store" });
      if (answer.status === 404) return; // the shop was started anew, and has forgotten
      if (!answer.ok) throw new Error(answer.statusText);
      const news = await answer.json();
      if (news.html) swap(live, news.html);
      live.dataset.version = news.version;
      await rest(250);
    } catch {
      await rest(3000);
    }
  }
}

for (const live of document.querySelectorAll("[data-live]")) follow(live);
