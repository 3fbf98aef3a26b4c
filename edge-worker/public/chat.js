// Asks the Worker, shows its answers, and sends ratings. Everything is shown as text, never as HTML.

const form = document.querySelector("#ask");
const input = document.querySelector("#question");
const problem = document.querySelector("#problem");
const conversation = document.querySelector("#conversation");
const template = document.querySelector("#exchange");
// One conversation: as long as the page is open. Nothing is kept in the browser.
const session = crypto.getRandomValues(new Uint32Array(2)).join("-");

async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const reply = await response.json();
  if (!response.ok) throw new Error(reply.error?.message ?? `status ${response.status}`);
  return reply;
}

async function ask(question) {
  const item = template.content.cloneNode(true).firstElementChild;
  item.querySelector(".question").textContent = question;
  conversation.append(item);
  item.scrollIntoView({ block: "end" });
  const answer = item.querySelector(".answer");
  try {
    const reply = await post("query", { question, session });
    answer.textContent = reply.answer;
    if (reply.sources.length) item.querySelector(".sources").textContent = `From: ${reply.sources.join(", ")}`;
    offerRating(item.querySelector(".rating"), reply.id);
  } catch (error) {
    item.remove();
    input.value ||= question;
    problem.textContent = `That did not work: ${error.message}. Please try again.`;
  } finally {
    answer.removeAttribute("aria-busy");
    item.scrollIntoView({ block: "end" });
  }
}

function offerRating(group, id) {
  const thanks = group.querySelector(".thanks");
  const buttons = [...group.querySelectorAll("button")];
  group.hidden = false;
  group.addEventListener("click", async ({ target }) => {
    const rating = target.closest("button")?.dataset.rating;
    if (!rating) return;
    try {
      await post("feedback", { id, rating });
      for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.rating === rating));
      thanks.textContent = "Thank you.";
    } catch (error) {
      thanks.textContent = `Not sent: ${error.message}`;
    }
  });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = input.value.trim();
  problem.textContent = question ? "" : "Please type a question first.";
  input.focus();
  if (!question) return;
  input.value = "";
  ask(question);
});
