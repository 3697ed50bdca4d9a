// Runs before Gradio's own scripts; app.py puts it at the start of the page.

// Gradio words its own labels in the browser's language; this page is Chinese.
Object.defineProperty(navigator, "language", { get: () => "zh-CN" });

// Enter that picks a word in an input method must not send the question.
// Safari ends the composition before that Enter and marks it with key code 229 only.
for (const type of ["keydown", "keypress", "keyup"]) {
  window.addEventListener(
    type,
    (event) => {
      if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) {
        event.stopImmediatePropagation();
      }
    },
    true,
  );
}

// [1] in an answer opens and shows its card.
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a.pq-cite") : null;
  if (!link) return;
  event.preventDefault();
  const card = document.getElementById(link.getAttribute("href").split("#")[1]);
  if (!card) return;
  card.querySelector("details").open = true;
  card.scrollIntoView({ block: "nearest", behavior: "smooth" });
  card.focus({ preventScroll: true });
});

// Gradio labels each message with its own source and in English; a screen reader should hear Chinese.
const LABELS = [
  ['#pq-chat [role="log"]', "对话"],
  ['#pq-chat [data-testid="user"]', "问题"],
  ['#pq-chat [data-testid="bot"]', "回答"],
];
const relabel = () => {
  for (const [selector, label] of LABELS) {
    for (const element of document.querySelectorAll(selector)) {
      if (element.getAttribute("aria-label") !== label) element.setAttribute("aria-label", label);
    }
  }
};

// The direct answer stands first, so the last question stays at the top while its answer grows.
let shown = "";
const follow = () => {
  const log = document.querySelector('#pq-chat [role="log"]');
  const last = log && [...log.querySelectorAll(".bot-row")].pop();
  if (!last || last.textContent === shown) return;
  shown = last.textContent;
  const before = last.previousElementSibling;
  const top = before && before.classList.contains("user-row") ? before : last;
  log.scrollTop += top.getBoundingClientRect().top - log.getBoundingClientRect().top - 8;
};

new MutationObserver(() => {
  relabel();
  follow();
}).observe(document, {
  subtree: true,
  childList: true,
  characterData: true,
  attributes: true,
  attributeFilter: ["aria-label"],
});
