// The registration form of an event: questions appear when they are asked. The server decides the same again.
const form = document.querySelector("[data-event-form]");

const answers = (name) => {
  const data = new FormData(form).getAll(name);
  return data.map(String).filter(Boolean);
};

const show = () => {
  const role = answers("role")[0] || "";
  const asked = new Set();
  for (const question of form.querySelectorAll("[data-question]")) {
    const { roles, when, values } = question.dataset;
    const wanted = values.split("|");
    const ofRole = !roles || roles.split(" ").includes(role);
    const answered = !when || (asked.has(when) && answers(`answer-${when}`).some((value) => wanted.includes(value)));
    question.hidden = !(ofRole && answered);
    if (!question.hidden) asked.add(question.dataset.question);
  }
};

if (form) {
  form.addEventListener("change", show);
  show();
}
