// The real server, spoken to with the library of messages that VS Code's client uses: ARCHC names it.

const assert = require("node:assert");
const { spawn } = require("node:child_process");
const { test } = require("node:test");
const { serverOptions } = require("../options");

const TEXT = "archc: 1\ninput: [8, 8, 3]\nstem:\n  - conv: {filters: 4, kernal: 3}\n";

test("a mistake is found, and its fix is offered", { skip: !process.env.ARCHC }, async () => {
  const { createProtocolConnection } = require("vscode-languageserver-protocol/node");
  const { command, args } = serverOptions(process.env.ARCHC);
  const server = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const connection = createProtocolConnection(server.stdout, server.stdin);
  const published = new Promise((resolve) =>
    connection.onNotification("textDocument/publishDiagnostics", resolve),
  );
  connection.listen();
  await connection.sendRequest("initialize", { processId: null, rootUri: null, capabilities: {} });
  await connection.sendNotification("initialized", {});
  const uri = "file:///nowhere/net.yaml";
  const textDocument = { uri, languageId: "yaml", version: 1, text: TEXT };
  await connection.sendNotification("textDocument/didOpen", { textDocument });
  const { diagnostics } = await published;
  const codes = diagnostics.map((diagnostic) => diagnostic.code);
  assert.ok(codes.includes("unknown-attribute"), codes);
  const actions = await connection.sendRequest("textDocument/codeAction", {
    textDocument: { uri },
    range: diagnostics[0].range,
    context: { diagnostics },
  });
  const edits = actions.flatMap((action) => action.edit.changes[uri]);
  assert.ok(edits.some((edit) => edit.newText === "kernel"), JSON.stringify(actions));
  await connection.sendRequest("shutdown");
  await connection.sendNotification("exit");
  assert.strictEqual(await new Promise((resolve) => server.on("exit", resolve)), 0);
});
