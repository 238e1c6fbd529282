// The pages of the embedded Sentry in headless Chromium, with scripts switched off and the keyboard alone.
//
// Environment: CLIENTS (folder with node_modules), LINK (what opens the pages), SHOTS (folder for screenshots), CHROMIUM.
import path from "node:path";
import { pathToFileURL } from "node:url";

const { CLIENTS, LINK, SHOTS, CHROMIUM } = process.env;
const { chromium } = await import(pathToFileURL(path.join(CLIENTS, "node_modules/playwright-core/index.mjs")).href);

const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
const said = {};
for (const colorScheme of ["light", "dark"]) {
  const context = await browser.newContext({
    javaScriptEnabled: false, colorScheme, viewport: { width: 1200, height: 900 },
  });
  const page = await context.newPage();
  const shot = (name) => page.screenshot({ path: path.join(SHOTS, `${name}-${colorScheme}.png`) });
  const seen = { problems: [] };
  page.on("console", (message) => message.type() === "error" && seen.problems.push(message.text()));
  await page.goto(LINK);
  seen.entered = new URL(page.url()).pathname;
  await shot("issues");
  // The first stop of the keyboard leads past the navigation.
  await page.keyboard.press("Tab");
  seen.firstStop = await page.locator(":focus").getAttribute("href");
  await shot("keyboard");
  await page.locator("a.title").filter({ hasText: "PaymentError" }).focus();
  await page.keyboard.press("Enter");
  await page.locator("ol.frames").waitFor();
  seen.issue = await page.locator("h1").textContent();
  seen.source = await page.locator("pre.source mark").first().textContent();
  seen.trend = await page.locator("svg.trend").first().getAttribute("aria-label");
  await shot("issue");
  await page.goto(new URL("/issues/", LINK).href);
  await page.locator("input[name=query]").fill("CartError");
  await page.keyboard.press("Enter");
  await page.locator("a.title").first().waitFor();
  seen.found = await page.locator("a.title").allTextContents();
  await page.locator("nav a", { hasText: "Releases" }).click();
  seen.releases = await page.locator("tbody td").first().textContent();
  await shot("releases");
  await page.locator("nav a", { hasText: "Backlog" }).click();
  seen.backlog = await page.locator("main a.title").count();
  await shot("backlog");
  seen.background = await page.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor);
  said[colorScheme] = seen;
  await context.close();
}
await browser.close();
console.log(JSON.stringify(said));
