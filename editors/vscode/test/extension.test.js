// The extension with a VS Code and a language client of its own, which write down what they are told.

const assert = require("node:assert");
const Module = require("node:module");
const { beforeEach, test } = require("node:test");

let events, settings, onChange, failure, commands;

class LanguageClient {
  constructor(id, name, server, options) {
    Object.assign(this, { server, options });
  }
  async start() {
    events.push(["start", this.server.command]);
    if (failure) throw failure;
  }
  needsStop() {
    return !failure;
  }
  async stop() {
    events.push(["stop", this.server.command]);
  }
}

const vscode = {
  workspace: {
    getConfiguration: () => ({ get: (key, other) => settings[key] ?? other }),
    onDidChangeConfiguration: (listener) => {
      onChange = listener;
      return {};
    },
  },
  window: {
    showErrorMessage: async (text, choice) => {
      events.push(["error", text]);
      return choice;
    },
  },
  commands: {
    registerCommand: (name, run) => {
      commands[name] = run;
      return {};
    },
    executeCommand: async (...words) => events.push(["command", ...words]),
  },
};

const load = Module._load;
Module._load = (name, ...more) => {
  const fakes = { vscode, "vscode-languageclient/node": { LanguageClient } };
  return fakes[name] ?? load(name, ...more);
};
const { activate, deactivate } = require("../extension");

beforeEach(async () => {
  [events, settings, failure, commands] = [[], {}, undefined, {}];
  await deactivate();
  events.length = 0;
});

test("it starts the server, and stops it", async () => {
  await activate({ subscriptions: [] });
  await deactivate();
  await deactivate();
  assert.deepStrictEqual(events, [
    ["start", "archc"],
    ["stop", "archc"],
  ]);
});

test("another path starts another server; other settings do not", async () => {
  await activate({ subscriptions: [] });
  settings.path = "/venv/bin/archc";
  await onChange({ affectsConfiguration: (key) => key === "editor.tabSize" });
  await onChange({ affectsConfiguration: (key) => key === "archc.path" });
  await commands["archc.restart"]();
  assert.deepStrictEqual(events, [
    ["start", "archc"],
    ["stop", "archc"],
    ["start", "/venv/bin/archc"],
    ["stop", "/venv/bin/archc"],
    ["start", "/venv/bin/archc"],
  ]);
});

test("a server that does not start is told of, and does not keep the extension from starting", async () => {
  failure = new Error("spawn archc ENOENT");
  await activate({ subscriptions: [] });
  await new Promise(setImmediate);
  const [, [kind, text], command] = events;
  assert.strictEqual(kind, "error");
  assert.match(text, /pip install 'archcompile\[lsp\]'/);
  assert.deepStrictEqual(command, ["command", "workbench.action.openSettings", "archc.path"]);
});
