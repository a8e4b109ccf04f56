// 大屏: what htmx fetches every minute takes the place of what was there. When that fails, the figures stay and
// a line says so; once it works again, the line goes. Every hour the session is told that the wall is on, and
// now and then the whole page is loaded anew, so that nothing can pile up over weeks.
{
  const HOUR = 3600 * 1000;
  const FRESH = 6 * HOUR;
  const begun = Date.now();
  const line = document.querySelector(".wall-stale");
  const say = (words = "") => {
    line.textContent = words;
    line.hidden = !words;
  };
  const failed = () => {
    const [day, time] = document.querySelector("#wall time").textContent.split(" ");
    say(`数据停在${day}${time}，正在重新连接`);
  };

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.status === 200 && xhr.responseText.includes('id="wall"')) {
      say();
      if (Date.now() - begun > FRESH) window.location.reload();
    } else {
      event.detail.shouldSwap = false;
      if (xhr.status === 200) say("登录已失效，请重新登录");
      else failed();
    }
  });
  ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, failed));

  setInterval(() => {
    const headers = {
      "X-CSRFToken": document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "",
      "X-Who": document.documentElement.dataset.who,
    };
    fetch(document.getElementById("wall").dataset.stay, { method: "POST", headers }).catch(failed);
  }, HOUR);
}
