// Tells that the overview was looked at, and of which moment it was; the page itself writes nothing.
{
  const page = document.querySelector("[data-visit]");
  const tell = () => {
    if (document.visibilityState !== "visible") return;
    document.removeEventListener("visibilitychange", tell);
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
    fetch(page.dataset.visit, {
      method: "POST",
      headers: { "X-CSRFToken": token, "X-Who": document.documentElement.dataset.who },
      body: new URLSearchParams({ at: page.dataset.at }),
      keepalive: true,
    }).catch(() => {}); // next time then
  };
  if (page) {
    document.addEventListener("visibilitychange", tell);
    tell();
  }
}
