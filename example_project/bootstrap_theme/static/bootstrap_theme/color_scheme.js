// Bootstrap has its dark mode by an attribute: follow the browser. In <head>, so that no page is light first.
(() => {
  const query = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.setAttribute("data-bs-theme", query.matches ? "dark" : "light");
  query.addEventListener("change", follow);
  follow();
})();
