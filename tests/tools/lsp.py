"""A language server as an editor drives it: JSON-RPC over stdio, just what the tests ask."""

import json
import queue
import subprocess
import threading
from pathlib import Path
from typing import Any

WAIT = 60  # seconds for an answer before the server counts as hung
SETTINGS = {
    "yaml": {"validate": True, "completion": True, "hover": True, "schemaStore": {"enable": False}}
}


class Server:
    """A running server with `folder` as its workspace."""

    def __init__(self, command: list[str], folder: Path):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.answers: dict[int, queue.Queue[Any]] = {}
        self.published: queue.Queue[dict[str, Any]] = queue.Queue()
        self.count = 0
        threading.Thread(target=self._listen, daemon=True).start()
        texts = {
            "completion": {"completionItem": {"snippetSupport": True}},
            "hover": {"contentFormat": ["markdown"]},
        }
        self.ask(
            "initialize",
            processId=None,
            rootUri=folder.as_uri(),
            capabilities={"workspace": {"configuration": True}, "textDocument": texts},
        )
        self.tell("initialized")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()

    def open(self, file: Path) -> list[dict[str, Any]]:
        """Open a file; what the server finds wrong with it."""
        self.tell(
            "textDocument/didOpen",
            textDocument={
                "uri": file.as_uri(),
                "languageId": "yaml",
                "version": 1,
                "text": file.read_text(),
            },
        )
        while True:
            result = self.published.get(timeout=WAIT)
            if result["uri"] == file.as_uri():
                return list(result["diagnostics"])

    def complete(self, file: Path, line: int, column: int) -> list[str]:
        """What is offered at a place (from 1, as editors show it)."""
        result = self.ask(
            "textDocument/completion",
            textDocument={"uri": file.as_uri()},
            position={"line": line - 1, "character": column - 1},
        )
        return [item["label"] for item in result["items"]]

    def hover(self, file: Path, line: int, column: int) -> str:
        result = self.ask(
            "textDocument/hover",
            textDocument={"uri": file.as_uri()},
            position={"line": line - 1, "character": column - 1},
        )
        return str(result["contents"]["value"])

    def ask(self, method: str, **params: Any) -> Any:
        self.count += 1
        answer = self.answers[self.count] = queue.Queue()
        self._send({"id": self.count, "method": method, "params": params})
        result = answer.get(timeout=WAIT)
        assert "error" not in result, result
        return result["result"]

    def tell(self, method: str, **params: Any) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _listen(self) -> None:
        stream = self.process.stdout
        assert stream
        while header := stream.readline():
            if not header.startswith(b"Content-Length:"):
                continue
            while stream.readline().strip():
                pass  # further header lines
            self._take(json.loads(stream.read(int(header.split(b":")[1]))))

    def _take(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            self.answers[message["id"]].put(message)
        elif message["method"] == "textDocument/publishDiagnostics":
            self.published.put(message["params"])
        elif "id" in message:  # the server asks: only its settings have an answer
            items = (
                message["params"]["items"]
                if message["method"] == "workspace/configuration"
                else None
            )
            answer = (
                [SETTINGS.get(item["section"], {}) for item in items] if items is not None else None
            )
            self._send({"id": message["id"], "result": answer})
