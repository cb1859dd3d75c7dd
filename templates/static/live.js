/* What pages of the newsroom add to htmx: how old is what is seen, how long is what is
   typed, and that a form pressed twice is sent once. Every page works without it. */
(() => {
  "use strict";
  const chip = document.getElementById("live");
  const spoken = document.getElementById("live-said");
  let seenAt = "";
  let open = [];

  const show = (alive, words) => {
    const turned = chip.classList.contains("warn") === alive && !chip.hidden;
    chip.hidden = false;
    chip.classList.toggle("good", alive);
    chip.classList.toggle("warn", !alive);
    chip.textContent = words;
    if (turned) spoken.textContent = alive ? "Live again." : words;
  };

  document.addEventListener("htmx:afterRequest", (event) => {
    const answer = event.detail.xhr;
    if (!chip || !event.detail.elt.matches("[hx-trigger]")) return;
    if (event.detail.successful) {
      seenAt = answer.getResponseHeader("X-Clock") || seenAt;
      show(true, `Live ${seenAt}`);
    } else {
      show(false, `Not live${seenAt && ` since ${seenAt}`}. Retrying.`);
    }
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    // Logged out meanwhile: the answer is the log-in page, not a part of this one.
    if (event.detail.xhr.responseURL.includes("/desk/login")) {
      event.detail.shouldSwap = false;
      location.reload();
    }
    open = [...document.querySelectorAll("details[id][open]")].map((one) => one.id);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  });

  document.addEventListener("input", (event) => {
    const count = document.getElementById(`${event.target.id}-count`);
    if (count) count.textContent = [...event.target.value].length;
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 5000);
  });
})();
