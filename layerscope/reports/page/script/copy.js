// The button beside a fix puts it on the clipboard.
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // An older way, where a page from a file may not use the clipboard.
    const area = make("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

for (const button of document.querySelectorAll("button.copy")) {
  button.addEventListener("click", async () => {
    await copyText(button.previousElementSibling.textContent);
    button.textContent = "Copied";
    say("copied");
    button.focus();
    setTimeout(() => {
      button.textContent = "Copy";
    }, 1600);
  });
}
