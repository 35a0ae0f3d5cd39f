// How the server is started and which files it is asked about. Nothing here needs VS Code, so that
// node alone can test it.

/** The command that answers, as the language client takes it. */
function serverOptions(path) {
  return { command: path || "archc", args: ["lsp"] };
}

/** YAML files on the disk; the server is silent about those that are none of archc's. */
function clientOptions() {
  return { documentSelector: [{ scheme: "file", language: "yaml" }] };
}

/** What a user is told when the server does not start. */
function failureText(path, error) {
  const words = String((error && error.message) || error);
  const isMissing = /ENOENT|spawn|EACCES/.test(words);
  return isMissing
    ? `There is no program "${path}". Install it with: pip install 'archcompile[lsp]', ` +
        "or say in the setting archc.path where it is."
    : `archc does not answer: ${words}. If its output names pygls, install it with: ` +
        "pip install 'archcompile[lsp]'.";
}

module.exports = { serverOptions, clientOptions, failureText };
