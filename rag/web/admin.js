// On the administrator's page only: a file that is too large is refused before it is sent, in Chinese.
window.addEventListener(
  "change",
  (event) => {
    const input = event.target;
    const line = document.getElementById("pq-refused");
    if (!(input instanceof HTMLInputElement) || input.type !== "file" || !line) return;
    const limit = Number(line.dataset.limit);
    const large = [...input.files].filter((file) => file.size > limit * 1024 * 1024).map((file) => file.name);
    line.textContent = large.length ? `超过 ${limit} MB,没有上传:${large.join("、")}` : "";
    if (large.length) {
      event.stopImmediatePropagation();
      input.value = "";
    }
  },
  true,
);
