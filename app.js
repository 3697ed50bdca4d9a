// Runs before Gradio's own scripts; app.py puts it at the start of the page.

// Gradio words its own labels in the browser's language; the page has one of its own.
const LANGUAGE = document.documentElement.lang;
Object.defineProperty(navigator, "language", { get: () => LANGUAGE });

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

const within = (event, selector) => (event.target instanceof Element ? event.target.closest(selector) : null);
// The answer whose cards stand beside the conversation.
const inView = () => document.querySelector("#pq-cards [data-answer]")?.dataset.answer;
const answerOf = (part) => part?.closest(".pq-answer")?.className.match(/pq-of-(\d+)/)?.[1];
const cardOf = (link) =>
  answerOf(link) === inView() ? document.getElementById(link.getAttribute("href").split("#")[1]) : null;

// [1] in an answer opens and shows its card; those of an earlier answer are asked for first.
let wanted = null;
const reach = () => {
  const card = wanted && cardOf(wanted);
  if (!card) return;
  wanted = null;
  card.querySelector("details").open = true;
  card.scrollIntoView({ block: "nearest", behavior: "smooth" });
  card.focus({ preventScroll: true });
};
document.addEventListener("click", (event) => {
  const link = within(event, "a.pq-cite");
  if (!link) return;
  event.preventDefault();
  wanted = link;
  const answer = answerOf(link);
  if (answer !== inView()) document.dispatchEvent(new CustomEvent("pq-look-back", { detail: Number(answer) }));
  reach();
});

// Pointing at it is enough where the cards stand beside the answer; on a phone the page would jump.
const beside = matchMedia("(min-width: 900px) and (hover: hover)");
let pointed = null;
document.addEventListener("mouseover", (event) => {
  const link = within(event, "a.pq-cite");
  const card = link && cardOf(link);
  if (card === pointed) return;
  pointed?.classList.remove("pq-pointed");
  pointed = card;
  if (!card) return;
  card.classList.add("pq-pointed");
  if (beside.matches) card.scrollIntoView({ block: "nearest", behavior: "smooth" });
});

// Without https the clipboard is closed to scripts; a selection can still be copied.
const copy = async (text) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = Object.assign(document.createElement("textarea"), { value: text });
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
};
const [DONE, SOURCES, NOTE] =
  LANGUAGE === "en"
    ? ["Copied", "Sources:", "For reference only, not an official reply."]
    : ["已复制", "依据:", "仅供查阅,不是政府部门的正式答复。"];
const answerText = () => {
  const answers = [...document.querySelectorAll("#pq-chat .pq-answer")];
  const back = document.querySelector("#pq-cards [data-back]") && inView();
  const answer = back ? answers.find((each) => answerOf(each) === back) : answers.pop();
  const told = answer?.innerText.trim() ?? "";
  const copied = answerOf(answer) === inView() ? "#pq-cards .pq-copy" : "#pq-none";
  const cited = [...document.querySelectorAll(copied)].map(
    (button, position) => `[${position + 1}] ${button.dataset.copy}`,
  );
  return [told, ...(cited.length ? [[SOURCES, ...cited].join("\n")] : []), NOTE].join("\n\n");
};
document.addEventListener("click", async (event) => {
  const button = within(event, ".pq-copy, #pq-copy-answer");
  if (!button || button.dataset.words) return;
  await copy(button.dataset.copy ?? answerText());
  button.dataset.words = button.textContent;
  button.textContent = DONE;
  setTimeout(() => {
    button.textContent = button.dataset.words;
    delete button.dataset.words;
  }, 1500);
});

// A connection that breaks is told until the program can be reached again.
const LOST =
  LANGUAGE === "en"
    ? "The connection is lost. Please check the network; once this line is gone, send the question again."
    : "连接断开了。请检查网络,这一行消失以后再发一次问题。";
const fetched = window.fetch.bind(window);
let looking = 0;
const lose = () => {
  if (looking) return;
  const line = Object.assign(document.createElement("p"), { id: "pq-lost", textContent: LOST });
  line.setAttribute("role", "alert");
  document.body.prepend(line);
  looking = setInterval(async () => {
    try {
      await fetched(location.pathname, { method: "HEAD" });
    } catch {
      return;
    }
    clearInterval(looking);
    looking = 0;
    line.remove();
  }, 2000);
};
window.fetch = async (...asked) => {
  try {
    return await fetched(...asked);
  } catch (error) {
    if (error.name !== "AbortError") lose();
    throw error;
  }
};
window.addEventListener("offline", lose);

// Gradio labels each message with its own source and in English; a screen reader should hear what it is.
const LABELS = [
  ['#pq-chat [role="log"]', "对话", "Conversation"],
  ['#pq-chat [data-testid="user"]', "问题", "Question"],
  ['#pq-chat [data-testid="bot"]', "回答", "Answer"],
];
const relabel = () => {
  for (const [selector, chinese, english] of LABELS) {
    const label = LANGUAGE === "en" ? english : chinese;
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
  reach();
}).observe(document, {
  subtree: true,
  childList: true,
  characterData: true,
  attributes: true,
  attributeFilter: ["aria-label"],
});
