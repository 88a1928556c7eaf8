"use strict";

/* Copy buttons. Without this script, or where a browser has no clipboard for us, they stay hidden; a click on the text
   selects all of it then. */
for (const button of document.querySelectorAll("button[data-copy]")) {
  const text = document.getElementById(button.dataset.copy);
  const word = button.querySelector("span");
  if (!navigator.clipboard || !text || !word) continue;
  const before = word.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent);
    } catch {
      getSelection().selectAllChildren(text);
      return;
    }
    word.textContent = button.dataset.copied;
    setTimeout(() => { word.textContent = before; }, 3000);
  });
}
