// What check-browser does in the browser; see there.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const [executablePath, site, shots] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const claims = readdirSync(join(site, "claims")).sort();
const first = (folder) => readdirSync(join(site, folder)).sort().slice(0, 1).map((file) => `${folder}/${file}`);
const pages = ["index.html", "method.html", "machine.html", "not-tested.html", "servers.html", "workloads.html",
  ...claims.slice(0, 2).map((file) => `claims/${file}`), ...first("servers"), ...first("workloads")];
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const faults = new Set();
const wrong = { push: (what) => { if (!faults.has(what)) console.error(what); faults.add(what); } };

const browser = await puppeteer.launch({ executablePath, args: flags, headless: true });

async function opened(path, { width, scheme, scripts = true }) {
  const page = await browser.newPage();
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.setJavaScriptEnabled(scripts);
  page.on("console", (message) => ["error", "warn"].includes(message.type()) && wrong.push(`${path}: console: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`${path}: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(pathToFileURL(site).href)) wrong.push(`${path} asks for ${request.url()}`);
  });
  await page.goto(pathToFileURL(join(site, path)).href, { waitUntil: "load" });
  return page;
}

for (const path of pages) {
  for (const width of [1280, 360]) {
    for (const scheme of ["light", "dark"]) {
      const page = await opened(path, { width, scheme });
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (over > 0) wrong.push(`${path} is ${over} px wider than ${width} px`);
      if (shots) await page.screenshot({ path: join(shots, `${path.replaceAll("/", "-")}-${width}-${scheme}.png`), fullPage: true });
      // Colours hang on the scheme and layout on the width: two of the four show both.
      if ((width === 1280) !== (scheme === "light")) { await page.close(); continue; }
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      for (const found of violations) {
        wrong.push(`${path} ${width} ${scheme}: ${found.id}: ${found.help}: ${found.nodes.slice(0, 2).map((node) => node.html.slice(0, 160)).join(" | ")}`);
      }
      await page.close();
    }
  }
}

{
  const page = await opened("index.html", { width: 1280, scheme: "light" });
  const shown = () => page.$$eval(".entry", (all) => all.filter((entry) => entry.getClientRects().length).length);
  const all = await shown();
  await page.type("#find input[type=search]", "no claim has these words");
  if (await shown() !== 0) wrong.push("the search hides nothing");
  await page.$eval("#find input[type=search]", (input) => { input.value = ""; });
  await page.$eval("#find input[type=checkbox]", (box) => box.click());
  if (await shown() >= all) wrong.push("the filter hides nothing");
  await page.keyboard.press("Escape");
  await page.close();
}

{
  let switched = 0;
  for (const file of claims) {
    const page = await opened(`claims/${file}`, { width: 1280, scheme: "light" });
    switched += await page.$$eval("figure", (figures) => figures.filter((figure) => {
      const button = figure.querySelector(".keys button");
      if (!button) return false;
      const part = figure.querySelector(`svg .${button.dataset.key}`);
      const before = part.getClientRects().length;
      button.click();
      return before > 0 && part.getClientRects().length === 0 && button.getAttribute("aria-pressed") === "false";
    }).length);
    await page.close();
  }
  if (switched === 0) wrong.push("no series of any chart can be switched off");
}

{
  const page = await opened("index.html", { width: 1280, scheme: "light", scripts: false });
  const seen = await page.$$eval(".entry", (all) => all.filter((entry) => entry.getClientRects().length).length);
  if (seen !== claims.length) wrong.push(`with scripts off ${seen} of ${claims.length} verdicts are there`);
  const form = await page.$eval("#find", (form) => form.getClientRects().length);
  if (form !== 0) wrong.push("with scripts off the search shows, which then does nothing");
  await page.close();
}

await browser.close();
console.log(`${pages.length} pages opened at two widths in light and dark; ${faults.size} faults`);
process.exitCode = faults.size ? 1 : 0;
