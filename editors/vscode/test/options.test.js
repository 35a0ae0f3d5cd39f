// How the server is started, which files it is asked about, and what a user is told.

const assert = require("node:assert");
const { test } = require("node:test");
const { serverOptions, clientOptions, failureText } = require("../options");

test("the server is archc lsp, and nothing goes through a shell", () => {
  assert.deepStrictEqual(serverOptions("/opt/my env/archc"), {
    command: "/opt/my env/archc",
    args: ["lsp"],
  });
  assert.strictEqual(serverOptions("").command, "archc");
});

test("YAML files on the disk are asked about", () => {
  assert.deepStrictEqual(clientOptions().documentSelector, [{ scheme: "file", language: "yaml" }]);
});

test("a missing program is named with the way out", () => {
  assert.match(failureText("archc", new Error("spawn archc ENOENT")), /no program "archc".*pip/);
  assert.match(failureText("archc", new Error("it closed")), /it closed.*pip install/);
});
