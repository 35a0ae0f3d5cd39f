// A thin client: starts `archc lsp`, and starts it anew when its path changes. All answers are the
// server's.

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");
const { serverOptions, clientOptions, failureText } = require("./options");

let client;

async function start() {
  const path = vscode.workspace.getConfiguration("archc").get("path", "archc");
  client = new LanguageClient("archc", "archc", serverOptions(path), clientOptions());
  try {
    await client.start();
  } catch (error) {
    offerSettings(failureText(path, error)); // not waited for: the message may stay for hours
  }
}

async function offerSettings(text) {
  const settings = "Open Settings";
  const choice = await vscode.window.showErrorMessage(text, settings);
  if (choice === settings) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "archc.path");
  }
}

async function stop() {
  const running = client;
  client = undefined;
  if (running && running.needsStop()) {
    await running.stop();
  }
}

async function restart() {
  await stop();
  await start();
}

async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("archc.restart", restart),
    vscode.workspace.onDidChangeConfiguration((change) =>
      change.affectsConfiguration("archc.path") ? restart() : undefined,
    ),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
