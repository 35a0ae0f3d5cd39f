// Opens a page of `archc graph` in a real browser and uses it as a person does; prints what was seen as JSON.
//   node page.mjs BROWSER PAGE NODE      NODE: a layer to look for
import {pathToFileURL} from "node:url";
import {chromium} from "playwright-core";

const [executablePath, file, wanted] = process.argv.slice(2);
const browser = await chromium.launch({executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--no-first-run"]});
const seen = {complaints: [], fetched: []};
try {
  const page = await browser.newPage({viewport: {width: 1200, height: 800}});
  page.on("console", (message) => seen.complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => seen.complaints.push(String(error)));
  page.on("request", (request) => seen.fetched.push(request.url()));
  page.on("dialog", (dialog) => { seen.complaints.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  const address = pathToFileURL(file).href;
  await page.goto(address);
  seen.fetched = seen.fetched.filter((url) => url !== address && !url.startsWith("data:"));

  const boxes = () => page.locator(".fragment.shown [data-node]").count();
  const place = () => page.locator("#view").getAttribute("transform");
  const heading = () => page.locator("#panel h2").textContent();
  const state = (name) => page.locator(name).first().getAttribute("aria-expanded");

  seen.boxes = {};
  for (const level of ["stage", "block", "layer"]) {
    await page.click(`[data-level=${level}]`);
    seen.boxes[level] = await boxes();
  }

  await page.click("[data-level=stage]");  // fold and unfold by a click on a handle
  const handle = page.locator("#marks .handle").nth(1);
  const folded = await boxes();
  await handle.locator("rect").click();
  seen.unfolded = await boxes() - folded;
  await page.locator("#marks .handle[aria-expanded=true]").first().locator("rect").click();
  seen.foldedAgain = await boxes() - folded;

  await page.click("[data-level=layer]");  // a click on a box
  await page.keyboard.press("0");
  const box = page.locator(".fragment.shown [data-node]").nth(2);
  seen.clicked = {node: await box.getAttribute("data-node")};
  await box.click();
  seen.clicked.heading = await heading();
  seen.clicked.panel = await page.locator("#panel").innerText();
  await page.keyboard.press("Escape");
  seen.closed = await page.locator("#panel").isHidden();

  await page.click("[data-level=stage]");  // search unfolds what hides the layer
  await page.fill("#search", wanted);
  await page.keyboard.press("Enter");
  seen.search = {heading: await heading(), found: await page.locator("#found").textContent(),
    panel: await page.locator("#panel").innerText(), marked: await page.locator(".fragment.shown .hit").count()};
  await page.fill("#search", "nothing has this name");
  seen.search.none = await page.locator("#found").textContent();

  await page.click("[data-level=stage]");  // keys alone
  await page.keyboard.press("Escape");
  await page.focus("#canvas");
  const before = await place();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("+");
  seen.moved = before !== await place();
  await page.keyboard.press("Enter");
  seen.focused = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  for (let i = 0; i < 30 && (await page.evaluate(() => !document.activeElement.matches(".handle[aria-expanded=false]"))); i++) {
    await page.keyboard.press("ArrowDown");
  }
  const few = await boxes();
  await page.keyboard.press("Enter");
  seen.unfoldedByKeys = await boxes() - few;
  await page.keyboard.press("/");
  seen.slash = await page.evaluate(() => document.activeElement.id);

  const frame = await page.locator("#canvas").boundingBox();  // the mouse
  const still = await place();
  await page.mouse.move(frame.x + 20, frame.y + 20);
  await page.mouse.wheel(0, -300);
  const wheeled = await place();
  await page.mouse.down();
  await page.mouse.move(frame.x + 90, frame.y + 60, {steps: 4});
  await page.mouse.up();
  seen.mouse = [still !== wheeled, wheeled !== await place()];

  const colour = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({colorScheme: "light"});
  seen.light = await colour();
  await page.emulateMedia({colorScheme: "dark"});
  seen.dark = await colour();
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
