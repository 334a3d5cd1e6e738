// Comforts for the payment page. It works without them.
"use strict";

// The time left, counted down; when it is over the page says so.
const left = document.getElementById("left");
if (left) {
  const end = performance.now() + Number(left.dataset.seconds) * 1000;
  const show = () => {
    const seconds = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    if (seconds === 0 && Number(left.dataset.seconds) > 0) {
      location.replace(location.pathname);
      return;
    }
    if (seconds < 3600) {
      left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} min`;
    }
    setTimeout(show, 1000);
  };
  show();
}

// Card numbers in groups of four, the date with a slash; only while typing at the end, so that corrections are left be.
const groupWith = (id, group) => {
  const input = document.getElementById(id);
  if (!input) return;
  input.addEventListener("input", (event) => {
    if (event.inputType !== "insertText" || input.selectionStart !== input.value.length) return;
    input.value = group(input.value.replace(/\D/g, ""));
  });
};
groupWith("number", (digits) => digits.replace(/(.{4})(?=.)/g, "$1 "));
groupWith("expiry", (digits) => digits.replace(/^(\d{2})(\d+)$/, "$1 / $2"));
