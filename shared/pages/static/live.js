// Keeps the parts of a page that are marked data-live="<seconds>" up to date: asks for the page again and takes them over.
// Nothing is asked of another machine; without this script a link reloads the page.
(() => {
  const parts = () => [...document.querySelectorAll("[data-live]")];
  const figures = (root) => new Map([...root.querySelectorAll("[data-figure]")].map((e) => [e.dataset.figure, e.textContent]));
  const say = (root) => root.querySelectorAll("[data-live-on], [data-live-off]").forEach((e) => { e.hidden = "liveOff" in e.dataset; });

  function take(old, fresh) {
    const before = figures(old);
    say(fresh);
    if (fresh.innerHTML === old.innerHTML) return;
    fresh.querySelectorAll("[data-figure]").forEach((e) => {
      if (before.has(e.dataset.figure) && before.get(e.dataset.figure) !== e.textContent) e.classList.add("is-new");
    });
    old.replaceChildren(...fresh.childNodes);
  }

  async function renew() {
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-store" });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    parts().forEach((old) => {
      const fresh = page.getElementById(old.id);
      if (fresh) take(old, fresh);
    });
  }

  async function keep(seconds) {
    if (!document.hidden) await renew().catch(() => {}); // the next attempt comes anyway
    setTimeout(() => keep(seconds), seconds * 1000);
  }

  const found = parts();
  if (!found.length) return;
  found.forEach(say);
  const seconds = Math.min(...found.map((e) => Number(e.dataset.live)));
  setTimeout(() => keep(seconds), seconds * 1000);
})();
