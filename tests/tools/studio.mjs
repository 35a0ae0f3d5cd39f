// Uses the page of `archc studio` in a real browser as a person does; prints what was seen as JSON.
//   node studio.mjs BROWSER ADDRESS SCENARIO [ARGUMENT …]
import {appendFileSync, readFileSync, renameSync, writeFileSync} from "node:fs";
import {chromium} from "playwright-core";

const [executablePath, address, scenario, ...given] = process.argv.slice(2);
const origin = new URL(address).origin;
const browser = await chromium.launch({executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--no-first-run"]});
const seen = {complaints: [], elsewhere: [], blocked: [], dialogs: []};

async function open(options = {}) {
  const context = await browser.newContext({viewport: {width: 1600, height: 1000}, permissions: ["clipboard-read", "clipboard-write"], ...options});
  const page = await context.newPage();
  page.setDefaultTimeout(120000);  // a machine may be busy
  page.on("console", (message) => { if (message.type() === "error") seen.complaints.push(message.text()); });
  page.on("pageerror", (error) => seen.complaints.push(String(error)));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(data|blob):/.test(url)) seen.elsewhere.push(url);
  });
  page.on("requestfailed", (request) => {
    if (!/csp/i.test(request.failure().errorText)) return;
    seen.elsewhere = seen.elsewhere.filter((url) => url !== request.url());
    seen.blocked.push(request.url());
  });
  page.on("websocket", (socket) => { if (new URL(socket.url()).host !== new URL(origin).host) seen.elsewhere.push(socket.url()); });
  page.on("dialog", (dialog) => { seen.dialogs.push(dialog.message()); dialog.dismiss(); });
  await page.goto(address);
  await page.waitForSelector(".cm-content, .desk.watching");
  return page;
}

// in the editor's own words, whatever is scrolled out of sight
const text = (page) => page.evaluate(() => getElement(+document.querySelector(".nicegui-codemirror").id.slice(1)).editor.state.doc.toString());
const shown = (page, words) => page.waitForFunction(
  (wanted) => document.querySelector(".sheet svg")?.textContent.includes(wanted) && !document.querySelector(".pane.stale"), words);
const settle = (page) => page.waitForFunction(() => document.querySelector(".figures dd") && document.querySelector(".sheet svg"), null);
const answered = async (page) => { await page.waitForSelector("body[data-answered=yes]"); await page.waitForTimeout(300); };
const isSaved = (page) => page.waitForFunction(() => document.querySelector("header .state").textContent === "", null);
const paste = async (page, words) => { await page.evaluate((text) => navigator.clipboard.writeText(text), words); await page.keyboard.press("Control+v");
  await page.waitForFunction((end) => getElement(+document.querySelector(".nicegui-codemirror").id.slice(1)).editor.state.doc.toString().endsWith(end), words); };
const write = async (page, words) => { await page.click(".cm-content"); await page.keyboard.press("Control+a"); await page.keyboard.press("Delete"); await paste(page, words); };

const scenarios = {
  // keys at a steady pace, while every answer is slow
  async type(letters, pause) {
    const page = await open();
    await settle(page);
    await page.click(".cm-content");
    await page.keyboard.press("Control+End");
    await page.keyboard.insertText("# ");
    for (const letter of letters) {
      await page.keyboard.type(letter);
      await page.waitForTimeout(+pause);
    }
    seen.text = await text(page);
    await page.keyboard.press("Control+s");
    await isSaved(page);
    seen.later = await text(page);
  },

  // letters and named keys, slowly: words are offered meanwhile
  async slowly(...keys) {
    const page = await open();
    await settle(page);
    await page.click(".cm-content");
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Delete");
    for (const key of keys) {
      if (["Enter", "Backspace"].includes(key)) await page.keyboard.press(key);
      else {
        await page.keyboard.type(key);
        await answered(page);
        await page.waitForTimeout(700);
      }
    }
    seen.text = await text(page);
  },

  // boxes and lines light each other up
  async light(line, box) {
    const page = await open();
    await settle(page);
    await page.hover(`.cm-line >> nth=${+line - 1}`);
    await page.waitForSelector("[data-node].lit");
    seen.boxes = await page.$$eval("[data-node].lit", (all) => all.map((one) => one.dataset.node));
    await page.hover(`[data-node=${box}]`);
    await page.waitForSelector(".archc-lit");
    seen.lines = await page.$$eval(".archc-lit", (all) => all.map((one) => one.textContent));
    await page.click(`[data-node=${box}]`);
    seen.cursor = await page.evaluate(() => document.activeElement.closest(".cm-editor") !== null);
  },

  // from an empty page to a net with a shortcut rule of one's own, its file, and what README shows of it
  async newcomer(picture, width, height, row, ...parts) {
    const page = await open({viewport: {width: +width, height: +height}, colorScheme: "light"});
    await settle(page);
    for (const [number, part] of parts.entries()) {
      if (number === 0) await write(page, part);
      else {
        await page.keyboard.press("Control+End");
        await paste(page, part);
      }
      await page.waitForSelector(".finding");
      await answered(page);
      seen[`found${number}`] = await page.$eval(".findings", (list) => list.innerText);
      if (await page.$(".fix")) {
        await page.click(".fix >> nth=0");
        await page.waitForSelector("text=nothing to mend");
        await shown(page, "");
      }
      seen[`boxes${number}`] = await page.$$eval("[data-node]", (all) => all.length);
    }
    await page.keyboard.press("Control+s");
    await isSaved(page);
    seen.figures = await page.$eval(".figures", (list) => list.innerText);
    seen.claims = await page.$$eval(".claim", (all) => all.map((one) => one.classList[1]));
    seen.text = await text(page);
    await page.click(`.cm-line >> nth=${+row - 1}`);
    await page.waitForSelector("[data-node].lit");
    await page.mouse.move(0, 0);
    await page.waitForTimeout(1500);
    await page.screenshot({path: picture});
  },

  // a value that is tried, a child of it, and source for the clipboard
  async child(name, variable, value) {
    const page = await open();
    await settle(page);
    await page.fill(`.variable:has-text("${variable}") input`, value);
    await page.waitForFunction((words) => document.querySelector(".figures").innerText.includes(words), "depth\n14");
    seen.text = await text(page);
    seen.slider = await page.getAttribute(`.variable:has-text("${variable}") [role=slider]`, "aria-valuenow");
    await page.click("header button:has-text('Export')");
    await page.click("text=Copy as Python");
    await page.waitForSelector("text=copied");
    for (let tries = 0; tries < 50 && !seen.source; tries++) {
      await page.waitForTimeout(100);
      seen.source = await page.evaluate(() => navigator.clipboard.readText());
    }
    await page.click("header button:has-text('File')");
    await page.click("text=Save as a child");
    await page.fill(".ask input", "../outside");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector(".ask .trouble").textContent);
    seen.refused = await page.textContent(".ask .trouble");
    await page.fill(".ask input", name);
    await page.keyboard.press("Enter");
    await page.waitForFunction((file) => document.querySelector("header .file")?.textContent === file, `${name}.yaml`);
    await settle(page);
    seen.child = await text(page);
  },

  // two tabs of one draft, what another program writes, and a text that is not saved
  async apart() {
    const page = await open();
    await settle(page);
    await page.click(".cm-content");
    await page.keyboard.press("Control+End");
    await page.keyboard.type("# mine");
    await answered(page);
    const second = await page.context().newPage();
    await second.goto(address);
    await second.waitForSelector(".cm-content");
    seen.second = await text(second);
    await page.waitForSelector("text=open in another tab");
    await page.close();
    // what the browser has kept and the server never got
    await settle(second);
    await second.evaluate((words) => sessionStorage.setItem("archc-draft net.yaml", words), seen.second.replace("# mine", "# typed while alone"));
    await second.reload();
    await second.click("text=Bring it back");
    await second.waitForFunction(() => getElement(+document.querySelector(".nicegui-codemirror").id.slice(1)).editor.state.doc.toString().endsWith("alone"));
    seen.back = await text(second);
  },

  // definitions and uses, also in files that are not open; a new name; a remedy in another file; the outline
  async names(block, fresh, part, library, broken) {
    const page = await open();
    await settle(page);
    const cursor = () => page.evaluate(() => { const {state: {doc, selection}} =
      getElement(+document.querySelector(".nicegui-codemirror").id.slice(1)).editor; return doc.lineAt(selection.main.head).number; });
    const at = (word) => page.evaluate((word) => { const {editor} = getElement(+document.querySelector(".nicegui-codemirror").id.slice(1));
      editor.dispatch({selection: {anchor: editor.state.doc.toString().indexOf(word) + 1}}); editor.focus(); }, word);
    const keys = async (key, selector) => { await page.keyboard.press(key); await page.waitForSelector(selector); };
    const closed = async () => { await page.keyboard.press("Escape"); await page.waitForSelector(".panel", {state: "detached"}); };
    await at(block);
    await keys("F12", ".panel .archc-lit");
    seen.definition = [await page.textContent(".panel .title"), await page.textContent(".panel .archc-lit .words")];
    await closed();
    await keys("Shift+F12", ".panel .entry");
    seen.uses = await page.$$eval(".panel .entry", (all) => all.map((one) => one.textContent));
    await closed();
    await page.keyboard.press("Control+Shift+O");
    await page.keyboard.type(part);
    await page.waitForSelector(".panel .entry");
    seen.outline = await page.$$eval(".panel .entry .words", (all) => all.map((one) => one.textContent));
    await page.keyboard.press("Enter");
    await page.waitForSelector(".panel", {state: "detached"});
    seen.line = await cursor();
    await at(block);
    await keys("F2", ".ask input");
    seen.asked = await page.textContent(".ask");
    await page.fill(".ask input", "No Name");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector(".ask .trouble").textContent);
    seen.refused = await page.textContent(".ask .trouble");
    await page.fill(".ask input", fresh);
    await page.keyboard.press("Enter");
    await page.waitForSelector(".ask", {state: "detached"});
    seen.text = await text(page);
    const otherwise = async (key, before) => {  // undo and redo are of the other file, too
      await page.focus(".cm-content");
      await page.keyboard.press(key);
      for (let tries = 0; tries < 600 && readFileSync(library, "utf8") === before; tries++) await page.waitForTimeout(50);
      return [await text(page), readFileSync(library, "utf8")];
    };
    const renamed = readFileSync(library, "utf8");
    seen.undone = await otherwise("Control+z", renamed);
    seen.redone = await otherwise("Control+y", seen.undone[1]);
    writeFileSync(library, broken);
    await page.waitForSelector(".fix");
    seen.fix = await page.textContent(".fix");
    await page.click(".cm-content");  // a remedy is of the text that stands there now, not of the one it was first shown for
    await page.keyboard.press("Control+End");
    await page.keyboard.type("# more");
    await answered(page);
    await page.click(".fix >> nth=0");
    await page.waitForSelector("text=nothing to mend");
    seen.unmended = await otherwise("Control+z", readFileSync(library, "utf8"));
    writeFileSync(library, `${broken}# theirs`);  // what another program has written stays
    await page.keyboard.press("Control+y");
    await page.waitForSelector("text=was changed since");
  },

  // the page follows what another editor writes
  async watch(file, words) {
    const page = await open();
    await page.waitForSelector(".sheet svg");
    seen.editors = await page.$$eval(".cm-editor, header button:has-text('Save')", (all) => all.length);
    seen.before = await page.textContent(".figures");
    writeFileSync(`${file}.part`, words);  // as editors save
    renameSync(`${file}.part`, file);
    await page.waitForFunction((words) => document.querySelector(".figures").textContent !== words, seen.before);
    seen.after = await page.textContent(".figures");
  },

  // the page follows the files that its text uses, as other programs write them
  async follow(...files) {
    const page = await open();
    await page.waitForSelector(".sheet svg");
    const figures = () => page.textContent(".figures");
    seen.figures = [await figures()];
    seen.marks = [];
    for (let i = 0; i < files.length; i += 2) {
      const isStale = await page.evaluate(() => document.querySelector(".figures.stale") !== null);
      writeFileSync(`${files[i]}.part`, files[i + 1]);
      renameSync(`${files[i]}.part`, files[i]);
      await page.waitForFunction(([before, isStale]) => document.querySelector(".figures").textContent !== before
        || (document.querySelector(".figures.stale") !== null) !== isStale, [seen.figures.at(-1), isStale]);
      seen.figures.push(await figures());
      seen.marks.push(await page.evaluate(() => [document.querySelector(".figures.stale") !== null,
        document.querySelector(".finding.error")?.innerText ?? ""]));
    }
  },

  // a parent's variable is tried, and written into the child; its slider goes on from there
  async inherited(variable, words) {
    const page = await open();
    await settle(page);
    seen.sliders = await page.$$eval(".variable .name", (all) => all.map((one) => one.textContent));
    await page.focus(`.variable:has-text("${variable}") .q-slider [tabindex]`);
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction((words) => document.querySelector(".figures").innerText.includes(words), words);
    seen.before = await text(page);
    await page.click("button:has-text('Write into the text')");
    await page.waitForFunction((before) => getElement(+document.querySelector(".nicegui-codemirror").id.slice(1)).editor.state.doc.toString() !== before, seen.before);
    await answered(page);
    seen.after = await text(page);
    seen.value = await page.inputValue(`.variable:has-text("${variable}") input`);
    await page.click(".cm-content");
    await page.keyboard.press("Control+z");
    await answered(page);
    seen.undone = [await text(page), await page.inputValue(`.variable:has-text("${variable}") input`)];
  },

  // findings that come below the editor do not cover the line that is written
  async covered(lines, mistakes) {
    const page = await open({viewport: {width: 1280, height: 640}});
    await settle(page);
    await page.click(".cm-content");
    await page.keyboard.press("Control+End");
    await paste(page, lines);
    await answered(page);
    await page.keyboard.insertText(mistakes);
    await page.waitForSelector(".finding.error");
    await answered(page);
    [seen.cursor, seen.frame] = await page.evaluate(() => [".cm-cursor-primary", ".cm-scroller"].map((each) => {
      const {top, bottom} = document.querySelector(each).getBoundingClientRect();
      return [top, bottom];
    }));
  },

  // light and dark, on small and large screens: what is shown fits, and can be told from its ground
  async sizes(...widths) {
    seen.sizes = [];
    for (const colorScheme of ["light", "dark"])
      for (const width of widths.map(Number)) {
        const page = await open({viewport: {width, height: width * 9 / 16}, colorScheme});
        await settle(page);
        await answered(page);
        seen.sizes.push(await page.evaluate(() => {
          const inside = (each) => { const {left, right, width} = each.getBoundingClientRect(); return width > 0 && left >= 0 && right <= innerWidth + 1; };
          const all = ["header .q-btn", ".figures > div:not(:last-child)", ".claim", ".variable", ".tabs button", ".tools button", ".cm-content", ".findings"];
          const cut = all.filter((each) => ![...document.querySelectorAll(each)].filter((one) => one.offsetParent).every(inside));
          const colour = (each, kind) => getComputedStyle(document.querySelector(each))[kind];
          const picture = document.querySelector(".sheet svg").getBoundingClientRect();
          return {cut, ground: colour("body", "backgroundColor"), ink: colour(".figures dd", "color"), drawn: colour(".sheet svg text", "fill"),
            letters: parseFloat(colour(".cm-editor", "fontSize")), scrolls: document.documentElement.scrollWidth > innerWidth, shown: picture.height > 200};
        }));
        await page.context().close();
      }
  },

  // a file that the menu gives
  async download(words, path) {
    const page = await open();
    await settle(page);
    await page.click("header button:has-text('Export')");
    const [file] = await Promise.all([page.waitForEvent("download"), page.click(`.q-menu >> text=${words}`)]);
    seen.name = file.suggestedFilename();
    await file.saveAs(path);
  },

  // a folder of runs that comes into being while the page is open, and a run that goes on
  async runs(from, to, name, row) {
    const page = await open();
    await settle(page);
    await page.click(`[role=tab]:has-text("Runs")`);
    await page.waitForSelector("text=no runs in");
    seen.before = await page.textContent(".pane.runs .tools");
    renameSync(from, to);
    await page.waitForSelector(".runs-list td");
    seen.after = await page.textContent(".pane.runs .tools");
    await page.fill(".pane.runs .tools input", name);
    await page.waitForSelector("text=1 of 2 runs");
    seen.runs = await page.$$eval(".runs-list td:nth-child(2)", (all) => all.map((one) => one.textContent));
    await page.click(".runs-list .q-checkbox");
    await page.waitForSelector(".curves svg polyline");
    const points = () => page.$eval(".curves svg polyline", (line) => line.getAttribute("points").trim().split(" ").length);
    seen.points = [await points()];
    appendFileSync(`${to}/${name}/history.csv`, row);
    await page.waitForFunction((before) => document.querySelector(".curves svg polyline").getAttribute("points").trim().split(" ").length !== before, seen.points[0]);
    seen.points.push(await points());
  },

  // a page of another port of this machine, in the same browser
  async attack() {
    const page = await open();
    await settle(page);
    const evil = await page.context().newPage();
    await evil.route("http://127.0.0.1:9/**", (route) => route.fulfill({contentType: "text/html", body: "<h1>evil</h1>"}));
    await evil.goto("http://127.0.0.1:9/");
    seen.attack = await evil.evaluate(async (origin) => {
      const {host} = new URL(origin);
      const socket = await new Promise((resolve) => {
        const attempt = new WebSocket(`ws://${host}/_nicegui_ws/socket.io/?EIO=4&transport=websocket`);
        attempt.onopen = () => resolve("open");
        attempt.onerror = () => resolve("refused");
      });
      const ask = (options) => fetch(`${origin}/`, {credentials: "include", ...options}).then((r) => r.type, () => "refused");
      const frame = document.body.appendChild(Object.assign(document.createElement("iframe"), {src: origin}));
      await new Promise((resolve) => { frame.onload = resolve; });
      let inside = "closed";
      try { inside = frame.contentDocument ? "open" : "closed"; } catch { /* closed */ }
      const script = await new Promise((resolve) => {
        const tag = Object.assign(document.createElement("script"), {src: `${origin}/_nicegui/auto/x.js`});
        tag.onload = () => resolve("loaded"); tag.onerror = () => resolve("refused");
        document.body.append(tag);
      });
      return {socket, read: await ask({}), post: await ask({method: "POST", body: "{}"}), inside, script};
    }, origin);
    seen.complaints = [];  // those of the refusals
    seen.elsewhere = [];
  },

  // a spec and a run full of markup
  async hostile(mistake) {
    const page = await open();
    await settle(page);
    await page.hover(".cm-line >> nth=1");
    await page.waitForTimeout(700);
    for (const tab of ["Costs", "Difference", "Runs", "Drawing"]) {
      await page.click(`[role=tab]:has-text("${tab}")`);
      await page.waitForTimeout(700);
    }
    await page.click(`[role=tab]:has-text("Runs")`);
    await page.waitForSelector(".runs-list td");
    await page.click(".runs-list .q-checkbox");
    await page.click(".runs-list button:has-text('report')");
    const frame = await (await page.waitForSelector(".report iframe")).contentFrame();
    await frame.waitForSelector("h1");
    seen.report = await frame.textContent("h1");
    await page.waitForTimeout(1500);
    seen.curves = await page.$$eval(".curves svg polyline", (all) => all.length);
    await page.click(".cm-content");
    await page.keyboard.press("Control+End");
    await page.keyboard.insertText(mistake);
    await page.waitForSelector(".finding.error");
    seen.ran = await page.evaluate(() => window.hacked ?? null);
    seen.scripts = await page.$$eval(".sheet script, .curves script, .table script, .findings script, .sheet [onload], .sheet foreignObject", (all) => all.length);
  },
};

try {
  await scenarios[scenario](...given);
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
