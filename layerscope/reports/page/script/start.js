// The page works without any of this; what needs it is shown from here on.
const byId = (id) => document.getElementById(id);
const page = document.documentElement;
page.classList.add("js");

function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

// For screen readers: what a search found, where the map went.
function say(text) {
  byId("said").textContent = text;
}

const THEME_KEY = "layerscope-theme";
const prefersDark = matchMedia("(prefers-color-scheme: dark)");

function remembered() {
  try {
    return localStorage.getItem(THEME_KEY);
  } catch {
    return null; // storage may be forbidden to a page from a file
  }
}

function isDark() {
  return page.dataset.theme ? page.dataset.theme === "dark" : prefersDark.matches;
}

function nameTheme() {
  byId("theme").textContent = isDark() ? "Light" : "Dark";
  byId("theme").setAttribute("aria-label", isDark() ? "Light colours" : "Dark colours");
}

function startTheme() {
  const chosen = remembered();
  if (chosen === "dark" || chosen === "light") page.dataset.theme = chosen;
  byId("theme").addEventListener("click", () => {
    page.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem(THEME_KEY, page.dataset.theme);
    } catch {
      // then it holds until the page is closed
    }
    nameTheme();
  });
  prefersDark.addEventListener("change", nameTheme);
  nameTheme();
}

startTheme();
