"""Reads a page the way people with assistive technology meet it: axe, by the rules of WCAG 2.1 A and AA."""

from django.conf import settings
from playwright.sync_api import Page

AXE = settings.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]

#: What is half faded in has no contrast yet, so movement is brought to its end first.
RUN = """async (rules) => {
  await new Promise((ready) => requestAnimationFrame(() => requestAnimationFrame(ready)));
  document.getAnimations().forEach((one) => (one instanceof CSSTransition ? one.finish() : one.cancel()));
  const { violations } = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return violations.flatMap(({ id, help, nodes }) => nodes.map((node) =>
    `${id} (${help}): ${node.target.join(" ")}\\n    ${node.html}\\n    ` +
    [...node.any, ...node.all, ...node.none].map(({ message }) => message).join("; ")));
}"""


def report_of(page: Page) -> list[str]:
    """What breaks WCAG 2.1 A or AA on the page as it stands: rule, element and reason each; [] is good.

    Run it at every width that a page is laid out for: what is hidden is not judged.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    return page.evaluate(RUN, RULES)
