// Opens a fleet's page in headless Chromium and checks it as a reader uses it.
// node browser.cjs PAGE FINDINGS [PICTURE-FOLDER]; NODE_PATH has playwright-core and axe-core.
// Prints one line for each fault; ends with 1 if there is one.
const assert = require("node:assert");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { chromium } = require("playwright-core");
const axe = require("axe-core").source;

const [page_file, wanted, pictures] = process.argv.slice(2);
const findings = Number(wanted);
const address = pathToFileURL(path.resolve(page_file)).href;

const parts = {
  async "nothing is loaded, and no error is written"(page, { requests, messages }) {
    assert.deepStrictEqual(requests, [address]);
    assert.deepStrictEqual(messages, []);
  },
  async "all findings are counted, and a part of them is drawn"(page) {
    await page.getByLabel("Only blocking").uncheck();
    const status = await page.locator("#findings [role=status]").textContent();
    assert.strictEqual(status, findings === 1 ? "1 finding" : `${findings.toLocaleString("en")} findings`);
    const rows = await page.locator("#findings tbody tr:not(.more)").count();
    assert.strictEqual(rows, Math.min(findings, page.viewportSize().width < 700 ? 20 : 50));
  },
  async "the keyboard sorts"(page) {
    const column = async () => (await page.locator("#findings tbody tr:not(.more) td[data-label=Since]").allInnerTexts()).filter(Boolean);
    const button = page.locator("#findings thead").getByRole("button", { name: "Since" });
    await button.focus();
    for (const [key, sort] of [["Enter", "ascending"], ["Space", "descending"]]) {
      await page.keyboard.press(key);
      assert.strictEqual(await page.locator("#findings th:has(button:focus)").getAttribute("aria-sort"), sort);
      const shown = await column();
      const sorted = [...shown].sort();
      assert.deepStrictEqual(shown, sort === "ascending" ? sorted : sorted.reverse());
    }
    assert.match(await page.locator("#said").textContent(), /^Sorted by Since, descending/);
  },
  async "the keyboard filters"(page) {
    const status = () => page.locator("#findings [role=status]").textContent();
    const search = page.getByLabel("Search");
    await search.focus();
    await page.keyboard.type("no such word");
    assert.match(await status(), /^0 /);
    await search.fill("");
    const name = await page.locator("#findings tbody td[data-label=Repository]").first().innerText();
    await page.locator("#findings").getByLabel("Repository", { exact: true }).focus();
    await page.keyboard.type(name);
    const names = await page.locator("#findings tbody td[data-label=Repository]").allInnerTexts();
    assert.ok(names.length > 0 && names.every((other) => other.includes(name)), names.join());
    await page.keyboard.press("Control+A");
    await page.keyboard.press("Delete");
    await page.getByLabel("Only in a branch or tag").focus();
    await page.keyboard.press("Space");
    const now = await page.locator("#findings tbody td[data-label='Now in']").allInnerTexts();
    assert.ok(now.every((text) => text === "a branch or tag"));
    await page.keyboard.press("Space");
    assert.match(await status(), new RegExp(`^${findings.toLocaleString("en")} `));
  },
  async "the keyboard opens a finding and copies the command that revokes it"(page) {
    const open = page.locator("#findings tbody").getByRole("button", { name: /^Details/ }).first();
    await open.focus();
    await page.keyboard.press("Enter");
    assert.strictEqual(await open.getAttribute("aria-expanded"), "true");
    const more = page.locator("#findings tr.more").first();
    assert.ok(await more.isVisible());
    const copy = more.getByRole("button", { name: "Copy the command" }).first();
    if (await copy.count()) {
      await copy.focus();
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => /Copied|Selected/.test(document.getElementById("said").textContent));
      await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => /Selected/.test(document.getElementById("said").textContent));
      const selected = await page.evaluate(() => getSelection().toString());
      assert.match(selected, /^(url=|curl )/);
    }
    await open.focus();
    await page.keyboard.press("Enter");
    assert.ok(!(await more.isVisible()));
  },
  async "the keyboard turns the pages"(page) {
    if (findings <= 50) return;
    const next = page.locator("#findings").getByRole("button", { name: "Next" });
    await next.focus();
    await page.keyboard.press("Enter");
    assert.match(await page.locator("#findings nav").textContent(), /Page 2 of/);
    await page.locator("#findings").getByRole("button", { name: "Previous" }).focus();
    await page.keyboard.press("Enter");
    assert.match(await page.locator("#findings nav").textContent(), /Page 1 of/);
  },
  async "the first key leads past the header"(page) {
    await page.reload();
    await page.keyboard.press("Tab");
    assert.strictEqual(await page.evaluate(() => document.activeElement.className), "skip");
    await page.keyboard.press("Enter");
    assert.strictEqual(await page.evaluate(() => document.activeElement.id), "findings");
  },
  async "no name became markup or a script"(page) {
    assert.strictEqual(await page.evaluate(() => window.hostile), undefined);
    assert.strictEqual(await page.locator("img, iframe, [onerror], main a[href^=javascript]").count(), 0);
    assert.strictEqual(await page.locator("script").count(), 2);
  },
};

// What is left of it where no report was merged.
const none = {
  "nothing is loaded, and no error is written": parts["nothing is loaded, and no error is written"],
  async "the page says that nothing was scanned"(page) {
    assert.match(await page.locator("h1").innerText(), /incomplete/);
    assert.match(await page.locator("#findings").innerText(), /None/);
    assert.match(await page.locator("#missing").innerText(), /no report was given/);
  },
};

const check = async (browser, width, scheme, faults) => {
  const context = await browser.newContext({ viewport: { width, height: 1200 }, colorScheme: scheme });
  const page = await context.newPage();
  const seen = { requests: [], messages: [] };
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("console", (message) => seen.messages.push(message.text()));
  page.on("pageerror", (error) => seen.messages.push(String(error)));
  await page.goto(address);
  const fails = (name, error) => faults.push(`${width} ${scheme}: ${name}: ${error.message}`);
  for (const [name, part] of Object.entries(findings ? parts : none)) {
    await part(page, seen).catch((error) => fails(name, error));
  }
  if (findings) await page.locator("summary").click();
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (beyond > 0) faults.push(`${width} ${scheme}: the page is ${beyond} pixels too wide`);
  if (findings) await page.locator("#findings tbody").getByRole("button", { name: /^Details/ }).first().click();
  if (pictures) {
    await page.evaluate(() => scrollTo(0, 0));
    await page.screenshot({ path: path.join(pictures, `${findings}-${width}-${scheme}.png`), fullPage: findings < 100 });
    await page.evaluate(() => document.getElementById("findings").scrollIntoView());
    await page.screenshot({ path: path.join(pictures, `${findings}-${width}-${scheme}-findings.png`) });
  }
  // axe runs in a page of its own policy: it is a script from elsewhere.
  const client = await context.newCDPSession(page);
  await client.send("Page.setBypassCSP", { enabled: true });
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
  assert.ok(passes.length > 10, "axe checks something");
  for (const { id, impact, nodes } of violations.filter((one) => ["serious", "critical"].includes(one.impact))) {
    faults.push(`${width} ${scheme}: axe ${impact} ${id}: ${nodes.slice(0, 3).map((node) => node.html + " " + node.failureSummary).join("; ")}`);
  }
  await context.close();
};

// Without scripts the numbers are there, and nothing is too wide.
const plain = async (browser, faults) => {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 900 } });
  const page = await context.newPage();
  await page.goto(address);
  const text = await page.locator("main").innerText();
  for (const word of ["Blocking findings", "needs JavaScript", "Repository"]) {
    if (!text.includes(word)) faults.push(`without scripts: no ${word}`);
  }
  if (pictures) await page.screenshot({ path: path.join(pictures, `${findings}-plain.png`), fullPage: true });
  await context.close();
};

(async () => {
  const browser = await chromium.launch({
    executablePath: process.env.DTGUARD_CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
  });
  const faults = [];
  for (const width of [360, 1440]) {
    // Of a page with many findings, which takes long, each width in one scheme.
    const schemes = findings < 10000 ? ["light", "dark"] : [width < 700 ? "dark" : "light"];
    for (const scheme of schemes) await check(browser, width, scheme, faults);
  }
  await plain(browser, faults);
  await browser.close();
  faults.forEach((fault) => console.log(fault));
  process.exitCode = faults.length ? 1 : 0;
})();
